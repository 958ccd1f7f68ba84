package io.garut.train.optim;

/**
 * What the loss is multiplied with so that small gradients do not vanish in F16 (Micikevicius et al., "Mixed precision
 * training", 2018). A dynamic one is halved by every gradient that is not finite, and doubled after a number of steps
 * without one. Immutable.
 *
 * @param value the factor
 * @param growthSteps steps after which it is doubled; 0 for a factor that stays
 * @param goodSteps steps since it was changed
 */
public record LossScale(double value, int growthSteps, int goodSteps) {
  private static final double LEAST = 1;
  private static final double MOST = 0x1p24;

  /** No scale: 1, which stays. */
  public static final LossScale NONE = new LossScale(1, 0, 0);

  /** PyTorch's: 65,536 at first, doubled after 2,000 steps. */
  public static LossScale dynamic() {
    return new LossScale(65_536, 2_000, 0);
  }

  /** After a step whose gradients were finite or not. */
  public LossScale after(boolean finite) {
    if (growthSteps == 0) {
      return this;
    }
    if (!finite) {
      return new LossScale(Math.max(LEAST, value / 2), growthSteps, 0);
    }
    boolean grows = goodSteps + 1 == growthSteps;
    return grows
        ? new LossScale(Math.min(MOST, value * 2), growthSteps, 0)
        : new LossScale(value, growthSteps, goodSteps + 1);
  }
}
