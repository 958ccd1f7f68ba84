package io.garut.train.comm;

import java.util.Optional;

/**
 * What one rank tells another of an operation before the piece itself, if there is one. Each side knows what the other
 * sends and expects, so both find out when they disagree.
 *
 * @param sequence the number of the operation in its group, from 0
 * @param operation its kind
 * @param region whose memory it is
 * @param root the rank that a broadcast comes from, otherwise −1
 * @param sends the layout of the piece that follows
 * @param expects the layout that the other's piece is to have, unless that is absent
 */
public record Header(long sequence, Operation operation, String region, int root, Layout sends, Layout expects) {
  /** Such as {@code operation 57, all-gather of layers.3}. */
  @Override
  public String toString() {
    return "operation " + sequence + ", " + operation + " of " + region + (root < 0 ? "" : " from rank " + root);
  }

  /** How two headers that two ranks have sent each other differ; the text is the same on both sides. */
  public static Optional<String> conflict(int one, Header ofOne, int other, Header ofOther) {
    if (one > other) {
      return conflict(other, ofOther, one, ofOne);
    }
    if (ofOne.sequence != ofOther.sequence
        || ofOne.operation != ofOther.operation
        || ofOne.root != ofOther.root
        || !ofOne.region.equals(ofOther.region)) {
      return Optional.of(
          "rank " + one + " is at " + ofOne + " (" + ofOne.sends + "), rank " + other + " is at " + ofOther + " ("
              + ofOther.sends + "): all ranks have to do the same operations in the same order");
    }
    Optional<String> forth = conflict(one, ofOne, other, ofOther.expects);
    return forth.isPresent() ? forth : conflict(other, ofOther, one, ofOne.expects);
  }

  private static Optional<String> conflict(int sender, Header header, int receiver, Layout expected) {
    if (header.sends.isAbsent() || header.sends.equals(expected)) {
      return Optional.empty();
    }
    boolean lengthsOnly = header.sends.toString().equals(expected.toString());
    return Optional.of(
        "in " + header + ", rank " + sender + " sends " + header.sends + " where rank " + receiver + " expects " + expected
            + (lengthsOnly ? "; the segments differ in length" : ""));
  }
}
