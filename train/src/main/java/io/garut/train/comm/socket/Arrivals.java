package io.garut.train.comm.socket;

import io.garut.train.comm.socket.Hello.Purpose;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/** The ranks that have called this one, or that it has called. */
final class Arrivals {
  private static final class Arrival {
    final long attempt;
    final String address;
    final Map<Purpose, Wire> wires = new EnumMap<>(Purpose.class);

    Arrival(Hello hello) {
      attempt = hello.attempt();
      address = hello.address();
    }
  }

  private final int rank;
  private final int size;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Arrival> arrivals = new HashMap<>();
  private boolean over;

  Arrivals(int rank, int size) {
    this.rank = rank;
    this.size = size;
  }

  /** Of the whole group. */
  int size() {
    return size;
  }

  /** Keeps a place for who calls: empty, or why there is none for it. */
  String admit(Hello hello) {
    lock.lock();
    try {
      if (hello.size() != size) {
        return "rank " + hello.from() + " believes in " + hello.size() + " ranks, rank " + rank + " in " + size;
      }
      if (hello.to() != rank || hello.from() <= rank || hello.from() >= size) {
        return "rank " + hello.from() + " has called rank " + rank + " for rank " + hello.to() + ": are two groups mixed?";
      }
      Arrival arrival = arrivals.computeIfAbsent(hello.from(), _ -> new Arrival(hello));
      return arrival.attempt == hello.attempt() ? "" : "there is a rank " + hello.from() + " already";
    } finally {
      lock.unlock();
    }
  }

  /** The connection of one that was admitted: false if it is too late. One that calls again has lost the first. */
  boolean put(Hello hello, Wire wire) throws IOException {
    lock.lock();
    try {
      if (over) {
        return false;
      }
      Wire before = arrivals.get(hello.from()).wires.put(hello.purpose(), wire);
      if (before != null) {
        before.close();
      }
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all ranks above this one have both connections here: those that have not in time. */
  int[] await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (true) {
        int[] missing = IntStream.range(rank + 1, size).filter(this::isMissing).toArray();
        if (missing.length == 0 || left <= 0) {
          over = true;
          return missing;
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isMissing(int other) {
    return !arrivals.containsKey(other) || arrivals.get(other).wires.size() < Purpose.values().length;
  }

  /** Where a rank listens, that has come. */
  String address(int other) {
    lock.lock();
    try {
      return arrivals.get(other).address;
    } finally {
      lock.unlock();
    }
  }

  /** The connections of a rank, as many as there are. */
  Map<Purpose, Wire> wires(int other) {
    lock.lock();
    try {
      return arrivals.containsKey(other) ? Map.copyOf(arrivals.get(other).wires) : Map.of();
    } finally {
      lock.unlock();
    }
  }
}
