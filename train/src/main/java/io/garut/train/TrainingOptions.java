package io.garut.train;

import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LossScale;
import io.garut.train.optim.Optimizer;

/**
 * How a model is trained. Immutable: each {@code with} method returns a changed copy.
 *
 * @param optimizer AdamW, SGD or Adafactor
 * @param learningRate of each step
 * @param maxGradientNorm gradients that are longer are shortened to it; infinity for any length
 * @param recompute whether blocks keep their input only and are computed again on the way back: less memory, a third more
 *     time
 * @param lossScale for F16
 * @param mostSkipped how many steps in a row may be skipped for a gradient that is not finite
 */
public record TrainingOptions(
    Optimizer optimizer,
    LearningRate learningRate,
    double maxGradientNorm,
    boolean recompute,
    LossScale lossScale,
    int mostSkipped) {
  /** Checks the ranges. */
  public TrainingOptions {
    if (!(maxGradientNorm > 0) || mostSkipped < 0) {
      throw new IllegalArgumentException(
          "the gradient norm is clipped above 0, and 0 steps or more are skipped, not "
              + maxGradientNorm + " and " + mostSkipped);
    }
  }

  /** AdamW without decay at a constant rate, gradients clipped to a norm of 1, ten skips in a row at most. */
  public static TrainingOptions adamW(double learningRate) {
    return new TrainingOptions(
        AdamW.standard(), LearningRate.constant(learningRate), 1, false, LossScale.NONE, 10);
  }

  /** With another optimizer. */
  public TrainingOptions withOptimizer(Optimizer changed) {
    return new TrainingOptions(changed, learningRate, maxGradientNorm, recompute, lossScale, mostSkipped);
  }

  /** With another course of the learning rate. */
  public TrainingOptions withLearningRate(LearningRate changed) {
    return new TrainingOptions(optimizer, changed, maxGradientNorm, recompute, lossScale, mostSkipped);
  }

  /** With gradients clipped to another norm. */
  public TrainingOptions withMaxGradientNorm(double changed) {
    return new TrainingOptions(optimizer, learningRate, changed, recompute, lossScale, mostSkipped);
  }

  /** With or without recomputation. */
  public TrainingOptions withRecompute(boolean changed) {
    return new TrainingOptions(optimizer, learningRate, maxGradientNorm, changed, lossScale, mostSkipped);
  }

  /** With a loss scale. */
  public TrainingOptions withLossScale(LossScale changed) {
    return new TrainingOptions(optimizer, learningRate, maxGradientNorm, recompute, changed, mostSkipped);
  }

  /** With another number of steps in a row that may be skipped. */
  public TrainingOptions withMostSkipped(int changed) {
    return new TrainingOptions(optimizer, learningRate, maxGradientNorm, recompute, lossScale, changed);
  }
}
