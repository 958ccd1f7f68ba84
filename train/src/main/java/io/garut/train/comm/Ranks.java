package io.garut.train.comm;

import java.time.Duration;
import java.util.List;

/** Makes groups of ranks. */
public final class Ranks {
  /** How long an operation waits, unless told otherwise. */
  public static final Duration DEADLINE = Duration.ofSeconds(60);

  private Ranks() {}

  /**
   * A group whose ranks are threads of this process: element {@code i} is for the thread that is to be rank {@code i}.
   *
   * @param deadline how long an operation waits for others; clocks that jump do not matter
   */
  public static List<Collective> threads(int size, Duration deadline) {
    if (size < 1) {
      throw new IllegalArgumentException("a group of " + size + " ranks");
    }
    return ThreadTransport.group(size, deadline.toNanos()).stream().map(Ranks::over).toList();
  }

  /** {@link #threads(int, Duration)} with the usual deadline. */
  public static List<Collective> threads(int size) {
    return threads(size, DEADLINE);
  }

  /** The operations over any transport. */
  public static Collective over(Transport transport) {
    return new RankCollective(transport);
  }
}
