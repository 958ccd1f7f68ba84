package io.garut.train.comm;

import java.util.Locale;

/** The kinds of operations of a {@link Collective}. */
public enum Operation {
  /** {@link Collective#exchange}. */
  EXCHANGE,
  /** {@link Collective#allGather}. */
  ALL_GATHER,
  /** {@link Collective#reduceScatter}. */
  REDUCE_SCATTER,
  /** {@link Collective#allReduce}; it takes two numbers, one for each half. */
  ALL_REDUCE,
  /** {@link Collective#broadcast}. */
  BROADCAST,
  /** {@link Collective#barrier}. */
  BARRIER;

  /** As messages have it: {@code all-gather}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
