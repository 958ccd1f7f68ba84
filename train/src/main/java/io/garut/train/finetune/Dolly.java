package io.garut.train.finetune;

import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import java.util.OptionalInt;

/** Dolly 2.0's numbers, where others are not wanted. */
public final class Dolly {
  /** DeepSpeed's WarmupLR over 50 steps, then constant. */
  public static final LearningRate LEARNING_RATE = new LearningRate(5e-6, Warmup.LOG, 50, Decay.CONSTANT, 0, 0);

  private static final int MOST_LENGTH = 1024;
  private static final int MOST_TEST = 200;
  private static final int TEST_PART = 10;

  private Dolly() {}

  /**
   * The length, in tokens, from which on records are left out: the model's context, or 1,024 if that is less, unless one is
   * {@code wanted}.
   *
   * @throws IllegalArgumentException if the model cannot take it
   */
  public static int maxLength(OptionalInt wanted, int context) {
    int longest = wanted.orElse(Math.min(MOST_LENGTH, context));
    if (longest < 2 || longest > context) {
      throw new IllegalArgumentException(
          "a length of " + longest + " from which on records are left out: from 2 to the model's context of " + context
              + " tokens");
    }
    return longest;
  }

  /**
   * How many of so many records are only evaluated: 200, or a tenth if that is less, unless a number is {@code wanted}.
   *
   * @throws IllegalArgumentException if none would be left to learn
   */
  public static int testSize(OptionalInt wanted, int records) {
    int test = wanted.orElse(Math.min(MOST_TEST, records / TEST_PART));
    if (test < 0 || test >= records) {
      throw new IllegalArgumentException(
          records + (records == 1 ? " record" : " records") + " left, " + test
              + " to be kept for evaluation: one at least must be learnt");
    }
    return test;
  }
}
