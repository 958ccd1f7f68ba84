package io.garut.train.shard;

/** What is shared out among ranks instead of kept by each; every stage includes those before it. */
public enum ZeroStage {
  /** Nothing: plain data parallelism. */
  ZERO,
  /** The optimizer's states and masters. */
  ONE,
  /** And gradients, which are summed in every round. */
  TWO,
  /** And weights, which are gathered for each region and let go after it. */
  THREE;

  /**
   * Stage 0 to 3.
   *
   * @throws IllegalArgumentException if there is no such stage
   */
  public static ZeroStage of(int number) {
    if (number < 0 || number >= values().length) {
      throw new IllegalArgumentException("ZeRO has the stages 0 to 3, not " + number);
    }
    return values()[number];
  }

  /** Whether this stage shares out what {@code other} does. */
  public boolean includes(ZeroStage other) {
    return compareTo(other) >= 0;
  }
}
