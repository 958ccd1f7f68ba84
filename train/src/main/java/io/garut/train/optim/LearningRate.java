package io.garut.train.optim;

/**
 * The learning rate of each step: a rise over the first steps, then a course.
 *
 * @param peak the highest
 * @param warmup how it rises
 * @param warmupSteps over how many steps; 0 for none
 * @param decay how it goes on
 * @param totalSteps the steps of the run, at whose end a decay has arrived
 * @param floor where a decay arrives, as a part of the peak
 */
public record LearningRate(double peak, Warmup warmup, long warmupSteps, Decay decay, long totalSteps, double floor) {
  /** How the rate rises to its peak. */
  public enum Warmup {
    /** In proportion to the step, counted from 1. */
    LINEAR,
    /** With the logarithm of the step, from 0: DeepSpeed's {@code WarmupLR}, with which Dolly was made. */
    LOG
  }

  /** The course after the rise. */
  public enum Decay {
    /** It stays. */
    CONSTANT,
    /** It falls in proportion to the steps that are left. */
    LINEAR,
    /** It falls with half a wave of the cosine (Loshchilov and Hutter, 2017). */
    COSINE
  }

  /** Checks the ranges. */
  public LearningRate {
    Checks.notNegative("the learning rate", peak);
    Checks.notNegative("the floor", floor);
    if (warmupSteps < 0 || decay != Decay.CONSTANT && totalSteps < 1) {
      throw new IllegalArgumentException(
          "a learning rate rises in 0 steps or more and falls over 1 or more, not " + warmupSteps + " and " + totalSteps);
    }
  }

  /** The same at every step. */
  public static LearningRate constant(double peak) {
    return new LearningRate(peak, Warmup.LINEAR, 0, Decay.CONSTANT, 0, 0);
  }

  /** The rate of {@code step}, counted from 1. */
  public double at(long step) {
    if (step < warmupSteps) {
      return peak
          * switch (warmup) {
            case LINEAR -> (double) step / warmupSteps;
            case LOG -> Math.log((double) step) / Math.log((double) warmupSteps);
          };
    }
    double passed = Math.clamp((double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps), 0, 1);
    return peak
        * switch (decay) {
          case CONSTANT -> 1;
          case LINEAR -> floor + (1 - floor) * (1 - passed);
          case COSINE -> floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * passed));
        };
  }
}
