package io.garut.transformer.evaluation;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What came of a task.
 *
 * @param records how many the file holds
 * @param asked how many were asked
 * @param scores one for each of the task's measures
 */
public record TaskResult(Task task, int records, int asked, List<Score> scores) {
  /** Copies the list. */
  public TaskResult {
    scores = List.copyOf(scores);
  }

  /**
   * A measure's value.
   *
   * @param standardError missing where there was one question only
   */
  public record Score(Measure measure, double value, OptionalDouble standardError) {}

  /** The value of {@code measure}, if it is told of this task. */
  public OptionalDouble value(Measure measure) {
    return scores.stream().filter(score -> score.measure() == measure).mapToDouble(Score::value).findFirst();
  }
}
