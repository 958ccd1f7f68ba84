package io.garut.train.comm;

import io.garut.train.comm.Call.Delivery;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ranks that are threads of one process: each shows its call on a {@link Board}, and reads the others' memory from where
 * it lies.
 */
final class ThreadTransport implements Transport {
  private final Board board;
  private final int rank;
  private final TreeSum tree;

  private ThreadTransport(Board board, int rank) {
    this.board = board;
    this.rank = rank;
    this.tree = new TreeSum(board.size());
  }

  /** The ends of a group. */
  static List<Transport> group(int size, long deadlineNanos) {
    Board board = new Board(size, deadlineNanos);
    return IntStream.range(0, size).<Transport>mapToObj(rank -> new ThreadTransport(board, rank)).toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return board.size();
  }

  @Override
  public Outcome exchange(Call call) {
    List<Call> calls = board.meet(rank, call);
    BitSet present = new BitSet();
    try {
      switch (call.delivery()) {
        case Delivery.Kept _ -> copy(calls, present);
        case Delivery.Summed summed -> sum(calls, summed.sum(), present);
      }
    } catch (RuntimeException e) { // memory that is freed, or a thread's own
      throw board.couldNotRead(rank, call, e);
    }
    board.haveRead(rank);
    long waited = board.part(rank, call);
    return new Outcome(present, sent(call), received(calls), 0, 0, waited);
  }

  private void copy(List<Call> calls, BitSet present) {
    for (int i = 1; i < calls.size(); i++) {
      int sender = (rank + i) % calls.size(); // so that not all read the same memory at once
      Piece piece = calls.get(sender).send().get(rank);
      if (!piece.isAbsent()) {
        calls.get(rank).received(sender).copy(piece);
        present.set(sender);
      }
    }
  }

  private void sum(List<Call> calls, Piece sum, BitSet present) {
    List<Piece> pieces = calls.stream().map(call -> call.send().get(rank)).toList();
    for (int sender = 0; sender < pieces.size(); sender++) {
      present.set(sender, !pieces.get(sender).isAbsent());
    }
    MemorySegment[] segments = new MemorySegment[pieces.size()];
    for (int i = 0; i < sum.segments().size(); i++) {
      for (int sender = 0; sender < pieces.size(); sender++) {
        segments[sender] = present.get(sender) ? pieces.get(sender).segments().get(i) : null;
      }
      tree.add(sum.type(), sum.segments().get(i), segments);
    }
  }

  private long sent(Call call) {
    return IntStream.range(0, size()).filter(i -> i != rank).mapToLong(i -> call.send().get(i).bytes()).sum();
  }

  private long received(List<Call> calls) {
    return IntStream.range(0, size()).filter(i -> i != rank).mapToLong(i -> calls.get(i).send().get(rank).bytes()).sum();
  }

  @Override
  public void close() {
    board.close(rank);
  }
}
