package io.garut.train.comm;

import java.util.List;

/**
 * An operation as a {@link Transport} does it: a piece to each rank, and what is to become of the pieces from each. The
 * rank's own piece never passes the transport, unless it is part of a sum.
 *
 * @param sequence the number of the operation
 * @param operation its kind
 * @param region whose memory it is
 * @param root the rank that a broadcast comes from, otherwise −1
 * @param send what goes to each rank
 * @param delivery where it goes
 */
public record Call(long sequence, Operation operation, String region, int root, List<Piece> send, Delivery delivery) {
  /** What becomes of the pieces of the ranks. */
  public sealed interface Delivery {
    /** Each is kept: {@code of.get(rank)} is filled by {@code rank}. */
    record Kept(List<Piece> of) implements Delivery {}

    /** Their sum is, by {@link TreeSum}. */
    record Summed(Piece sum) implements Delivery {}
  }

  /** The memory for what {@code sender} sends, or for the sum that it is part of. */
  public Piece received(int sender) {
    return switch (delivery) {
      case Delivery.Kept kept -> kept.of.get(sender);
      case Delivery.Summed summed -> summed.sum;
    };
  }

  /** What is said to {@code other}. */
  public Header announced(int other) {
    return new Header(
        sequence, operation, region, root, send.get(other).layout(), received(other).layout());
  }

  /** An error at this operation. */
  public CommunicationException failure(int rank, String message) {
    return new CommunicationException(rank, operation, region, message);
  }

  /** Such as {@code operation 57, all-gather of layers.3}. */
  @Override
  public String toString() {
    return new Header(sequence, operation, region, root, Layout.ABSENT, Layout.ABSENT).toString();
  }
}
