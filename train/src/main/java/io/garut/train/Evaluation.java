package io.garut.train;

import java.util.List;

/**
 * How good the model was.
 *
 * @param step steps that had been tried
 * @param loss mean −log P over the learnt tokens that were kept for evaluation; NaN if none were
 * @param samples answers to the battery of prompts
 */
public record Evaluation(long step, double loss, List<PromptBattery.Sample> samples) {
  /** Takes a copy of the list. */
  public Evaluation {
    samples = List.copyOf(samples);
  }
}
