package io.garut.train.comm;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Where threads that are ranks meet. An operation has three steps for each: it shows its call and waits for those of
 * the others; it reads their memory; it waits until they have read its own. Nobody leaves, with a result or an error,
 * while another reads.
 */
final class Board {
  private final int size;
  private final long deadlineNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Call[] calls; // the latest of each rank
  private final long[] come; // how many operations each rank has come to
  private final long[] read; // how many operations each rank has read the memory of
  private final BitSet reading = new BitSet();
  private final BitSet closed = new BitSet();
  private final long[] entered; // when the operation that a rank is in began
  private final long[] waited; // of that operation
  private CommunicationException failure;

  Board(int size, long deadlineNanos) {
    this.size = size;
    this.deadlineNanos = deadlineNanos;
    calls = new Call[size];
    come = new long[size];
    read = new long[size];
    entered = new long[size];
    waited = new long[size];
  }

  int size() {
    return size;
  }

  /** Shows the call of {@code rank}, and returns those of all when all have come to it; their memory may be read then. */
  List<Call> meet(int rank, Call call) {
    lock.lock();
    try {
      entered[rank] = System.nanoTime();
      waited[rank] = 0;
      calls[rank] = call;
      come[rank]++;
      changed.signalAll();
      BitSet compared = new BitSet();
      await(
          rank,
          call,
          "has not come to",
          other -> {
            boolean here = come[other] >= come[rank];
            if (here && !compared.get(other)) {
              compare(rank, call, other);
              compared.set(other);
            }
            return here;
          });
      reading.set(rank);
      return List.copyOf(Arrays.asList(calls));
    } finally {
      lock.unlock();
    }
  }

  private void compare(int rank, Call call, int other) {
    Header.conflict(rank, call.announced(other), other, calls[other].announced(rank)).ifPresent(text -> {
      throw failed(call.failure(other, text));
    });
  }

  /** The rank has read the others' memory. */
  void haveRead(int rank) {
    lock.lock();
    try {
      reading.clear(rank);
      read[rank]++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The rank could not read the others' memory, or not write its own. */
  CommunicationException couldNotRead(int rank, Call call, RuntimeException cause) {
    lock.lock();
    try {
      reading.clear(rank);
      String text = "rank " + rank + " cannot read or write a piece in " + call + ": " + cause;
      return failed(new CommunicationException(rank, call.operation(), call.region(), text, cause));
    } finally {
      lock.unlock();
    }
  }

  /** Returns when all have read the memory of {@code rank}: the nanoseconds that it waited in this operation. */
  long part(int rank, Call call) {
    lock.lock();
    try {
      await(rank, call, "has not finished", other -> read[other] >= come[rank]);
      return waited[rank];
    } finally {
      lock.unlock();
    }
  }

  private void await(int rank, Call call, String lateness, IntPredicate ready) {
    while (true) {
      if (failure != null) {
        throw failed(failure);
      }
      int[] missing = IntStream.range(0, size).filter(other -> other != rank && !ready.test(other)).toArray();
      if (closed.get(rank)) {
        throw failed(call.failure(rank, "rank " + rank + " has closed its end in " + call));
      }
      if (missing.length == 0) {
        return;
      }
      Optional<Integer> gone = Arrays.stream(missing).filter(closed::get).boxed().findFirst();
      if (gone.isPresent()) {
        throw failed(call.failure(gone.get(), "rank " + gone.get() + " has closed its end before " + call));
      }
      long now = System.nanoTime();
      long left = entered[rank] + deadlineNanos - now;
      if (left <= 0) {
        throw failed(call.failure(missing[0], Messages.late(missing, lateness, call, deadlineNanos)));
      }
      try {
        changed.awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failed(call.failure(rank, "rank " + rank + " was interrupted in " + call));
      } finally {
        waited[rank] += System.nanoTime() - now;
      }
    }
  }

  /** The first reason, once nobody reads the memory of the rank that ends for it. */
  private CommunicationException failed(CommunicationException reason) {
    CommunicationException first = failure == null ? reason : failure.again();
    failure = first;
    changed.signalAll();
    while (!reading.isEmpty()) { // copies, which end soon
      changed.awaitUninterruptibly();
    }
    return first;
  }

  /** The rank leaves the group. */
  void close(int rank) {
    lock.lock();
    try {
      closed.set(rank);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
