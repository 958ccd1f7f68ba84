package io.garut.train.run;

import io.garut.train.StepReport;
import io.garut.train.run.LineChart.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.ToDoubleFunction;

/** The page about a run: one file of HTML with its style and its drawings, which asks for nothing else. It is XML as well. */
final class ReportPage {
  /** More columns of samples nobody compares, and the page is written anew each time. */
  private static final int MOST_COLUMNS = 40;

  /** The smoothed line is a mean of about this part of all steps. */
  private static final int SMOOTHING = 40;

  private final String title;
  private final RunSettings settings;
  private final RunHistory history;
  private final List<Evaluation> columns;

  ReportPage(String title, RunSettings settings, RunHistory history) {
    this.title = title;
    this.settings = settings;
    this.history = history;
    this.columns = columns(history);
  }

  String html() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    page.append("<title>").append(Html.escape(title)).append("</title>\n<style>\n").append(ReportStyle.CSS);
    page.append("</style>\n</head>\n<body>\n<main>\n<h1>").append(Html.escape(title)).append("</h1>\n");
    summary(page);
    page.append("<h2>Loss</h2>\n").append(ReportStyle.LEGEND).append(lossChart());
    page.append("<div class=\"pair\">\n<section>\n<h2>Learning rate</h2>\n");
    page.append(new LineChart("Learning rate by step").line("train", points(StepReport::learningRate)).svg());
    page.append("</section>\n<section>\n<h2>Gradient norm</h2>\n");
    page.append(new LineChart("Gradient norm by step").forPeaks().line("train", points(StepReport::gradientNorm)).svg());
    page.append("</section>\n</div>\n");
    samples(page);
    page.append("<h2>Settings</h2>\n").append("<div class=\"scroll\">\n").append(table(settingsTexts())).append("</div>\n");
    return page.append("</main>\n</body>\n</html>\n").toString();
  }

  private void summary(StringBuilder page) {
    List<RunHistory.Step> steps = history.steps();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Steps", whole(steps.size()));
    if (!steps.isEmpty()) {
      long tokens = steps.stream().mapToLong(step -> step.report().tokens()).sum();
      double seconds = steps.stream().mapToDouble(step -> step.report().seconds()).sum();
      long skipped = steps.stream().filter(step -> step.report().skipped().isPresent()).count();
      facts.put("Training loss", Html.number(smoothed().getLast().y()));
      facts.put("Tokens", whole(tokens));
      facts.put("Tokens per second", Html.number(tokens / seconds));
      facts.put("Time in steps", duration(seconds));
      if (skipped > 0) {
        facts.put("Steps skipped", whole(skipped));
      }
    }
    List<Evaluation> known =
        history.evaluations().stream().map(RunHistory.Evaluated::evaluation).filter(e -> Double.isFinite(e.loss())).toList();
    if (!known.isEmpty()) {
      Evaluation best = known.stream().min(Comparator.comparingDouble(Evaluation::loss)).orElseThrow();
      facts.put("Evaluation loss", Html.number(known.getLast().loss()));
      facts.put("Best evaluation loss", Html.number(best.loss()) + " at step " + best.step());
    }
    page.append("<dl>\n");
    facts.forEach((name, fact) -> page.append("<div><dt>%s</dt><dd>%s</dd></div>\n".formatted(name, Html.escape(fact))));
    page.append("</dl>\n");
  }

  private static String whole(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
  }

  private String lossChart() {
    List<Point> evaluations = new ArrayList<>();
    for (RunHistory.Evaluated each : history.evaluations()) {
      long step = each.evaluation().step();
      boolean shown = columns.contains(each.evaluation());
      evaluations.add(new Point(step, each.evaluation().loss(), shown ? "#" + anchor(step) : null));
    }
    return new LineChart("Loss by step: training, smoothed, evaluation")
        .line("raw", points(StepReport::loss))
        .line("train", smoothed())
        .dots("eval", evaluations)
        .svg();
  }

  private List<Point> points(ToDoubleFunction<StepReport> value) {
    return history.steps().stream()
        .map(step -> new Point(step.report().step(), value.applyAsDouble(step.report()), null))
        .toList();
  }

  /** A mean that forgets, without the pull of the zero it begins with. */
  private List<Point> smoothed() {
    double keep = 1 - 1 / Math.max(1.0, history.steps().size() / (double) SMOOTHING);
    double sum = 0;
    double weight = 0;
    List<Point> smooth = new ArrayList<>();
    for (Point point : points(StepReport::loss)) {
      if (Double.isFinite(point.y())) {
        sum = keep * sum + point.y();
        weight = keep * weight + 1;
      }
      smooth.add(new Point(point.x(), sum / weight, null));
    }
    return smooth;
  }

  /** The evaluations whose samples are shown: all, or some with about equal distances, the first and the last among them. */
  private static List<Evaluation> columns(RunHistory history) {
    List<Evaluation> all =
        history.evaluations().stream().map(RunHistory.Evaluated::evaluation).filter(e -> !e.samples().isEmpty()).toList();
    if (all.size() <= MOST_COLUMNS) {
      return all;
    }
    List<Evaluation> some = new ArrayList<>();
    for (int i = 0; i < MOST_COLUMNS; i++) {
      some.add(all.get(Math.round(i * (all.size() - 1) / (float) (MOST_COLUMNS - 1))));
    }
    return some;
  }

  private void samples(StringBuilder page) {
    if (columns.isEmpty()) {
      return;
    }
    page.append("<h2>Samples</h2>\n<div class=\"scroll\">\n<table class=\"samples\">\n<thead>\n<tr>");
    for (Evaluation column : columns) {
      String loss = Double.isFinite(column.loss()) ? "<br/><small>loss " + Html.number(column.loss()) + "</small>" : "";
      page.append("<th scope=\"col\" id=\"%s\">Step %d%s</th>".formatted(anchor(column.step()), column.step(), loss));
    }
    page.append("</tr>\n</thead>\n<tbody>\n");
    for (String prompt : prompts()) {
      page.append("<tr><th scope=\"rowgroup\" colspan=\"%d\"><div class=\"prompt\">%s</div></th></tr>\n<tr>"
          .formatted(columns.size(), Html.escape(prompt)));
      for (Evaluation column : columns) {
        page.append("<td>").append(Html.escape(answer(column, prompt))).append("</td>");
      }
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table>\n</div>\n");
  }

  private SequencedSet<String> prompts() {
    SequencedSet<String> prompts = new LinkedHashSet<>();
    columns.forEach(column -> column.samples().forEach(sample -> prompts.add(sample.prompt())));
    return prompts;
  }

  private static String answer(Evaluation column, String prompt) {
    return column.samples().stream()
        .filter(sample -> sample.prompt().equals(prompt))
        .findFirst()
        .map(Sample::answer)
        .orElse("–");
  }

  private static String anchor(long step) {
    return "samples-" + step;
  }

  private Map<String, String> settingsTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    settings.values().forEach((name, value) -> texts.put(name, value instanceof Double d ? Html.exact(d) : value.toString()));
    return texts;
  }

  private static String table(Map<String, String> rows) {
    StringBuilder table = new StringBuilder("<table>\n");
    rows.forEach(
        (name, value) ->
            table.append("<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n"
                .formatted(Html.escape(name), Html.escape(value))));
    return table.append("</table>\n").toString();
  }
}
