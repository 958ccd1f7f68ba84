package io.garut.train.run;

import java.util.List;

/**
 * How the model did on what it is not trained on.
 *
 * @param step after how many steps
 * @param loss mean −log P over the learnt tokens
 * @param tokens how many these are
 * @param seconds it took
 * @param samples its answers to the battery of prompts
 */
public record Evaluation(long step, double loss, long tokens, double seconds, List<Sample> samples) {
  /** Takes a copy of the samples. */
  public Evaluation {
    samples = List.copyOf(samples);
  }
}
