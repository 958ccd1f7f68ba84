package io.garut.train.comm;

import java.util.BitSet;

/**
 * One rank's way to the others, on which {@link Ranks#over} puts a {@link Collective}: that has only one call under way
 * at a time, numbers them, and makes none after the first error.
 */
public interface Transport extends AutoCloseable {
  /** Which rank this is, from 0. */
  int rank();

  /** How many there are. */
  int size();

  /**
   * Sends every other rank its piece, and delivers theirs. When it returns or throws, nobody reads or writes memory of
   * the call any more.
   *
   * @throws CommunicationException naming the rank that is lost, late or at something else; the other ranks are told
   */
  Outcome exchange(Call call);

  /**
   * Leaves the group; the others are told. Called once; a call that is under way on another thread ends with an error
   * before this returns or soon after.
   */
  @Override
  void close();

  /**
   * What an exchange came to.
   *
   * @param present the ranks whose pieces were not absent
   * @param sent to the others, bytes of pieces
   * @param received from the others, bytes of pieces
   * @param sentBesides bytes of headers, encryption and so on
   * @param receivedBesides the same, received
   * @param waited nanoseconds in which there was nothing to do
   */
  record Outcome(BitSet present, long sent, long received, long sentBesides, long receivedBesides, long waited) {}
}
