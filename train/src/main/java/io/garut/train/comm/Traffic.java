package io.garut.train.comm;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a rank has sent and received so far. Counted are operations that have succeeded, and what left the rank: its own
 * pieces do not.
 *
 * @param of the counts of each kind of operation that there was
 */
public record Traffic(Map<Operation, Counts> of) {
  /** An unmodifiable copy. */
  public Traffic {
    Map<Operation, Counts> copy = new EnumMap<>(Operation.class);
    copy.putAll(of);
    of = Collections.unmodifiableMap(copy);
  }

  /** Of one kind of operation, nothing if there was none. */
  public Counts of(Operation operation) {
    return of.getOrDefault(operation, Counts.NONE);
  }

  /** Of all operations. */
  public Counts total() {
    return of.values().stream().reduce(Counts.NONE, Counts::plus);
  }

  /**
   * Sums over operations.
   *
   * @param operations how many
   * @param sent bytes of pieces
   * @param received bytes of pieces
   * @param sentBesides bytes of headers, encryption and so on
   * @param receivedBesides the same, received
   * @param waited nanoseconds in which the rank had nothing to do but wait for others
   * @param took nanoseconds from start to end, waiting included
   */
  public record Counts(
      long operations, long sent, long received, long sentBesides, long receivedBesides, long waited, long took) {
    /** Nothing yet. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

    /** Both together. */
    public Counts plus(Counts other) {
      return new Counts(
          operations + other.operations,
          sent + other.sent,
          received + other.received,
          sentBesides + other.sentBesides,
          receivedBesides + other.receivedBesides,
          waited + other.waited,
          took + other.took);
    }

    /** What came after {@code earlier}. */
    public Counts since(Counts earlier) {
      return new Counts(
          operations - earlier.operations,
          sent - earlier.sent,
          received - earlier.received,
          sentBesides - earlier.sentBesides,
          receivedBesides - earlier.receivedBesides,
          waited - earlier.waited,
          took - earlier.took);
    }
  }
}
