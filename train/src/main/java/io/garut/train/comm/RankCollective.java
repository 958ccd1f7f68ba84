package io.garut.train.comm;

import io.garut.train.comm.Call.Delivery;
import io.garut.train.comm.Traffic.Counts;
import io.garut.train.comm.Transport.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/** The operations over any transport: each is one or two exchanges. Checks, numbers and counts them. */
final class RankCollective implements Collective {
  /** A header has to stay small. */
  private static final int LONGEST_REGION = 200;

  private final Transport transport;
  private final int rank;
  private final int size;
  private final ReentrantLock turn = new ReentrantLock();
  private final Map<Operation, Counts> counts = new EnumMap<>(Operation.class);
  private long sequence;
  private CommunicationException failure;
  private final AtomicBoolean closed = new AtomicBoolean();

  RankCollective(Transport transport) {
    this.transport = transport;
    this.rank = transport.rank();
    this.size = transport.size();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public BitSet exchange(String region, List<Piece> send, List<Piece> received) {
    requireOfEach(send, "sent");
    requireOfEach(received, "received");
    return run(Operation.EXCHANGE, region, -1, send, new Delivery.Kept(received));
  }

  @Override
  public BitSet allGather(String region, Piece own, List<Piece> ofRank) {
    requireOfEach(ofRank, "received");
    return run(Operation.ALL_GATHER, region, -1, toEach(own), new Delivery.Kept(ofRank));
  }

  @Override
  public BitSet reduceScatter(String region, List<Piece> ofRank, Piece sum) {
    requireOfEach(ofRank, "added up");
    requireSummable(sum);
    return run(Operation.REDUCE_SCATTER, region, -1, ofRank, new Delivery.Summed(sum));
  }

  @Override
  public BitSet allReduce(String region, Piece own, Piece sum) {
    requireSummable(sum);
    requireSame(own, sum);
    List<Piece> parts = parts(sum);
    Delivery.Summed part = new Delivery.Summed(parts.get(rank));
    BitSet present = run(Operation.ALL_REDUCE, region, -1, parts(own), part);
    Piece result = present.isEmpty() ? Piece.ABSENT : parts.get(rank);
    run(Operation.ALL_REDUCE, region, -1, toEach(result), new Delivery.Kept(parts));
    return present;
  }

  @Override
  public void broadcast(String region, int root, Piece piece) {
    if (root < 0 || root >= size) {
      throw new IllegalArgumentException("a broadcast from rank " + root + " among " + size);
    }
    if (piece.isAbsent()) {
      throw new IllegalArgumentException("a broadcast of nothing");
    }
    List<Piece> received = IntStream.range(0, size).mapToObj(i -> i == root ? piece : Piece.ABSENT).toList();
    List<Piece> send = toEach(rank == root ? piece : Piece.ABSENT);
    run(Operation.BROADCAST, region, root, send, new Delivery.Kept(received));
  }

  @Override
  public void barrier(String region) {
    List<Piece> nothing = toEach(Piece.ABSENT);
    run(Operation.BARRIER, region, -1, nothing, new Delivery.Kept(nothing));
  }

  private List<Piece> toEach(Piece piece) {
    return Collections.nCopies(size, piece);
  }

  private List<Piece> parts(Piece piece) {
    return IntStream.range(0, size).mapToObj(i -> piece.part(i, size)).toList();
  }

  private BitSet run(Operation operation, String region, int root, List<Piece> send, Delivery delivery) {
    if (region.getBytes(StandardCharsets.UTF_8).length > LONGEST_REGION) {
      throw new IllegalArgumentException("the name of a region takes " + LONGEST_REGION + " bytes at most: " + region);
    }
    if (!turn.tryLock()) {
      if (!closed.get()) {
        throw new IllegalStateException(
            operation + " of " + region + ": rank " + rank + " is in another operation, on another thread");
      }
      turn.lock(); // of the thread that is closing it
    }
    try {
      if (failure != null) {
        throw failure.again();
      }
      Call call = new Call(sequence, operation, region, root, send, delivery);
      requireSame(send.get(rank), call.received(rank));
      sequence++;
      return run(call);
    } finally {
      turn.unlock();
    }
  }

  private BitSet run(Call call) {
    long start = System.nanoTime();
    Outcome outcome;
    try {
      outcome = transport.exchange(call);
    } catch (CommunicationException e) {
      failure = e;
      throw e;
    }
    BitSet present = outcome.present();
    Piece own = call.send().get(rank);
    if (!own.isAbsent()) {
      present.set(rank);
      if (call.delivery() instanceof Delivery.Kept) {
        call.received(rank).copy(own);
      }
    }
    Counts one =
        new Counts(
            1,
            outcome.sent(),
            outcome.received(),
            outcome.sentBesides(),
            outcome.receivedBesides(),
            outcome.waited(),
            System.nanoTime() - start);
    synchronized (counts) {
      counts.merge(call.operation(), one, Counts::plus);
    }
    return present;
  }

  private void requireOfEach(List<Piece> pieces, String what) {
    if (pieces.size() != size) {
      throw new IllegalArgumentException(pieces.size() + " pieces to be " + what + ", among " + size + " ranks");
    }
  }

  private static void requireSummable(Piece sum) {
    if (sum.isAbsent() || !TreeSum.adds(sum.type())) {
      throw new IllegalArgumentException("sums are of F32 or F64; this one is of " + sum);
    }
  }

  private void requireSame(Piece own, Piece received) {
    if (!own.isAbsent() && !own.layout().equals(received.layout())) {
      throw new IllegalArgumentException(
          "rank " + rank + " has " + own + " for itself, and expects " + received
              + (own.toString().equals(received.toString()) ? " of other lengths" : ""));
    }
  }

  @Override
  public Traffic traffic() {
    synchronized (counts) {
      return new Traffic(counts);
    }
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      transport.close();
    }
    turn.lock(); // an operation under way still has its memory
    try {
      if (failure == null) {
        failure = new CommunicationException(rank, "rank " + rank + " has closed its end", null);
      }
    } finally {
      turn.unlock();
    }
  }
}
