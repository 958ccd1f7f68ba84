package io.garut.train.comm;

import java.util.Optional;

/**
 * What one rank tells another of an operation before the piece itself, if there is one.
 *
 * @param sequence the number of the operation in its group, from 0
 * @param operation its kind
 * @param region whose memory it is
 * @param root the rank that a broadcast comes from, otherwise −1
 * @param layout of the piece that follows
 */
public record Header(long sequence, Operation operation, String region, int root, Layout layout) {
  /** Such as {@code operation 57, all-gather of layers.3}. */
  @Override
  public String toString() {
    return "operation " + sequence + ", " + title();
  }

  /** Such as {@code all-gather of layers.3}. */
  String title() {
    return operation + " of " + region + (root < 0 ? "" : " from rank " + root);
  }

  /**
   * How what {@code sender} announces differs from this, which {@code receiver} expects; the text is the same on both
   * sides, as far as both know of it.
   */
  public Optional<String> conflict(int receiver, int sender, Header announced) {
    if (sequence != announced.sequence
        || operation != announced.operation
        || !region.equals(announced.region)
        || root != announced.root) {
      return Optional.of(
          at(Math.min(receiver, sender), receiver < sender ? this : announced) + ", "
              + at(Math.max(receiver, sender), receiver < sender ? announced : this)
              + ": all ranks have to do the same operations in the same order");
    }
    if (announced.layout.isAbsent() || layout.equals(announced.layout)) {
      return Optional.empty();
    }
    boolean lengthsOnly = layout.toString().equals(announced.layout.toString());
    return Optional.of(
        "in " + this + ", rank " + sender + " sends " + announced.layout + " where rank " + receiver + " expects "
            + layout + (lengthsOnly ? "; the segments differ in length" : ""));
  }

  private static String at(int rank, Header header) {
    return "rank " + rank + " is at " + header + " (" + header.layout + ")";
  }
}
