package io.garut.train.comm;

import java.util.BitSet;
import java.util.List;

/**
 * One rank's end of a group, made by {@link Ranks}.
 *
 * <p>Every rank does the same operations in the same order, each naming the region whose memory it is about; one that
 * does something else, or pieces of another layout, is an error on all ranks before its memory is touched. An operation
 * returns when this rank's pieces have gone out and it has all that it was to receive, but for {@link #barrier} that
 * says nothing about what the others have. It waits at most as long as the group's deadline: then, or when a rank is
 * lost, closes its end or is interrupted, all ranks get a {@link CommunicationException} that names the rank, the
 * operation and the region, and the group is of no use any more. When an operation returns or throws, its memory is
 * the caller's alone again.
 *
 * <p>Operations of one end come from one thread at a time, any thread. {@link #close} and {@link #traffic} may come
 * from another. An interrupt ends an operation with an error; the thread stays interrupted.
 *
 * <p>Where pieces are lists, element {@code i} is that of rank {@code i}. A rank's own piece is copied, unless it is the
 * same memory. Memory that is written to must not be part of what is sent to another rank in the same operation.
 */
public interface Collective extends AutoCloseable {
  /** Which rank this is, from 0. */
  int rank();

  /** How many there are. */
  int size();

  /**
   * Everyone sends everyone a piece: {@code send.get(i)} goes to rank {@code i}, {@code received.get(i)} is filled by
   * rank {@code i}.
   *
   * @param send {@link Piece#ABSENT} for nothing
   * @param received as long as what is sent, segment by segment; left as they are by absent ones; {@link Piece#ABSENT}
   *     where nothing may come
   * @return the ranks whose pieces came
   */
  BitSet exchange(String region, List<Piece> send, List<Piece> received);

  /**
   * Everyone gets everyone's piece; they may differ in length.
   *
   * @param own of this rank, {@link Piece#ABSENT} for nothing
   * @param ofRank where each goes; {@code ofRank.get(rank())} may be {@code own}
   * @return the ranks whose pieces came
   */
  BitSet allGather(String region, Piece own, List<Piece> ofRank);

  /**
   * Rank {@code i} gets the sum of what everyone has for it, along one binary tree over the numbers of the ranks:
   * ((0+1)+(2+3))+…; the bits do not depend on the transport. A rank that has nothing is left out of the tree, and its
   * neighbour's sum is passed on.
   *
   * @param ofRank what this rank has for each, F32 or F64; {@link Piece#ABSENT} for nothing
   * @param sum of this rank; may be {@code ofRank.get(rank())}; left as it is if nobody has anything
   * @return the ranks that had something
   */
  BitSet reduceScatter(String region, List<Piece> ofRank, Piece sum);

  /**
   * Everyone gets the sum of everyone's piece, by a {@link #reduceScatter} and an {@link #allGather} of its parts: each
   * rank sends 2·(N−1)/N of its bytes.
   *
   * @param own F32 or F64; {@link Piece#ABSENT} for nothing
   * @param sum may be {@code own}; left as it is if nobody has anything
   * @return the ranks that had something
   */
  BitSet allReduce(String region, Piece own, Piece sum);

  /** Everyone gets the piece of rank {@code root}. */
  void broadcast(String region, int root, Piece piece);

  /** Returns when everyone has come to it. */
  void barrier(String region);

  /** What this rank has sent and received. */
  Traffic traffic();

  /** Leaves the group. Ranks that wait for this one are told, as are those that need it later. */
  @Override
  void close();
}
