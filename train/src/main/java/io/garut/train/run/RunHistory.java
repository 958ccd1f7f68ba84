package io.garut.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The course of a run so far, and its form on the disk. */
final class RunHistory {
  private static final String SAMPLES = "samples";

  /** A step, and when it ended, in seconds since 1970. */
  record Step(StepReport report, double time) {}

  /** An evaluation, and when it ended, in seconds since 1970. */
  record Evaluated(Evaluation evaluation, double time) {}

  private final List<Step> steps = new ArrayList<>();
  private final List<Evaluated> evaluations = new ArrayList<>();

  List<Step> steps() {
    return steps;
  }

  List<Evaluated> evaluations() {
    return evaluations;
  }

  void add(Step step) {
    steps.add(step);
  }

  void add(Evaluated evaluation) {
    evaluations.add(evaluation);
  }

  /** Takes a line of metrics. */
  void addMetrics(JsonNode line) {
    long step = line.path(JsonLines.STEP).asLong();
    double time = line.path("time").asDouble();
    if (line.has("eval_loss")) {
      add(new Evaluated(new Evaluation(step, number(line, "eval_loss"), List.of()), time));
      return;
    }
    Optional<String> skipped = Optional.ofNullable(line.path("skipped").textValue());
    StepReport report =
        new StepReport(
            step,
            number(line, "loss"),
            number(line, "gradient_norm"),
            number(line, "learning_rate"),
            line.path("tokens").asLong(),
            line.path("learnt").asLong(),
            number(line, "seconds"),
            skipped);
    add(new Step(report, time));
  }

  /** Takes a line of samples, which belong to the evaluation of the same step. */
  void addSamples(JsonNode line) {
    List<Sample> samples = new ArrayList<>();
    for (JsonNode sample : line.path(SAMPLES)) {
      samples.add(new Sample(sample.path("prompt").asText(), sample.path("answer").asText()));
    }
    long step = line.path(JsonLines.STEP).asLong();
    evaluations.replaceAll(
        each -> {
          Evaluation old = each.evaluation();
          return old.step() == step
              ? new Evaluated(new Evaluation(step, old.loss(), samples), each.time())
              : each;
        });
  }

  static ObjectNode metrics(Step step) {
    StepReport report = step.report();
    ObjectNode line = JsonLines.object();
    line.put(JsonLines.STEP, report.step());
    put(line, "loss", report.loss());
    put(line, "gradient_norm", report.gradientNorm());
    put(line, "learning_rate", report.learningRate());
    line.put("tokens", report.tokens());
    line.put("learnt", report.learnt());
    report.skipped().ifPresent(name -> line.put("skipped", name));
    put(line, "seconds", report.seconds());
    line.put("time", step.time());
    return line;
  }

  static ObjectNode metrics(Evaluated evaluated) {
    Evaluation evaluation = evaluated.evaluation();
    ObjectNode line = JsonLines.object();
    line.put(JsonLines.STEP, evaluation.step());
    put(line, "eval_loss", evaluation.loss());
    line.put("time", evaluated.time());
    return line;
  }

  static ObjectNode samples(Evaluation evaluation) {
    ObjectNode line = JsonLines.object();
    line.put(JsonLines.STEP, evaluation.step());
    ArrayNode samples = line.putArray(SAMPLES);
    for (Sample sample : evaluation.samples()) {
      samples.addObject().put("prompt", sample.prompt()).put("answer", sample.answer());
    }
    return line;
  }

  /** JSON knows no infinities: what is not finite is null. */
  private static void put(ObjectNode line, String key, double value) {
    if (Double.isFinite(value)) {
      line.put(key, value);
    } else {
      line.putNull(key);
    }
  }

  private static double number(JsonNode line, String key) {
    return line.path(key).isNumber() ? line.path(key).asDouble() : Double.NaN;
  }
}
