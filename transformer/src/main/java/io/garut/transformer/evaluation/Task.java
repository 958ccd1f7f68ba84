package io.garut.transformer.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tasks that are known, zero-shot, with the formulas of lm-evaluation-harness 0.4 and its names and versions.
 * Records have the hub's schemas.
 */
public enum Task {
  /** The last word of a passage (Paperno et al., 2016): {@code EleutherAI/lambada_openai}. */
  LAMBADA("lambada_openai", "text"),
  /** Everyday physics (Bisk et al., 2019): {@code baber/piqa}. */
  PIQA("piqa", "goal, sol1, sol2, label"),
  /** Science questions of schools, the easy ones (Clark et al., 2018): {@code allenai/ai2_arc}. */
  ARC_EASY("arc_easy", "question, choices {text, label}, answerKey"),
  /** Science questions of schools, the hard ones. */
  ARC_CHALLENGE("arc_challenge", "question, choices {text, label}, answerKey"),
  /** How a scene goes on (Zellers et al., 2019): {@code Rowan/hellaswag}. */
  HELLASWAG("hellaswag", "activity_label, ctx_a, ctx_b, endings, label"),
  /** Whom a pronoun means (Sakaguchi et al., 2019): {@code allenai/winogrande}. */
  WINOGRANDE("winogrande", "sentence, option1, option2, answer");

  private final String id;
  private final String schema;

  Task(String id, String schema) {
    this.id = id;
    this.schema = schema;
  }

  /**
   * The task that the harness calls {@code id}.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Task named(String id) {
    for (Task task : values()) {
      if (task.id.equals(id)) {
        return task;
      }
    }
    String all = Arrays.stream(values()).map(Task::id).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("there is no task '" + id + "'; there are " + all);
  }

  /** The harness's name. */
  public String id() {
    return id;
  }

  /** What a record holds. */
  public String schema() {
    return schema;
  }

  /** What is told of it. */
  public List<Measure> measures() {
    return switch (this) {
      case LAMBADA -> List.of(Measure.PERPLEXITY, Measure.ACC);
      case PIQA, ARC_EASY, ARC_CHALLENGE, HELLASWAG -> List.of(Measure.ACC, Measure.ACC_NORM);
      case WINOGRANDE -> List.of(Measure.ACC);
    };
  }

  /** The version of its formula, as the harness counts. */
  public double version() {
    return 1;
  }
}
