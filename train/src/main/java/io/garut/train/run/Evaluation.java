package io.garut.train.run;

import java.util.List;

/**
 * How the model did on what it is not trained on.
 *
 * @param step after how many steps; 0 for before the first
 * @param loss mean −log P over the learnt tokens; not a number where there is nothing to evaluate on
 * @param samples its answers to the battery of prompts
 */
public record Evaluation(long step, double loss, List<Sample> samples) {
  /** Takes a copy of the samples. */
  public Evaluation {
    samples = List.copyOf(samples);
  }
}
