package io.garut.train.comm.socket;

import io.garut.train.comm.Call;
import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** A rank with two connections to each other one. The thread that calls sends and receives; there is no other. */
final class SocketTransport implements Transport {
  /** How long the reason may be under way after a connection has ended. */
  private static final long WORD_NANOS = 200_000_000;

  private final int rank;
  private final List<Link> links;
  private final long deadlineNanos;
  private final Runnable afterwards;
  private final Rounds rounds;
  private final Selector selector;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile boolean closing;
  private boolean left;

  SocketTransport(int rank, List<Link> links, long deadlineNanos, Runnable afterwards) throws IOException {
    this.rank = rank;
    this.links = links;
    this.deadlineNanos = deadlineNanos;
    this.afterwards = afterwards;
    rounds = new Rounds(rank, links.size() + 1);
    selector = Selector.open();
    for (Link link : links) {
      link.data().channel().register(selector, 0);
      link.control().channel().register(selector, SelectionKey.OP_READ, link);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return links.size() + 1;
  }

  @Override
  public Outcome exchange(Call call) {
    turn.lock();
    try {
      return run(new Exchange(call, rank, links, rounds), call);
    } catch (CommunicationException e) {
      leave(Farewell.of(e));
      throw e;
    } catch (IOException | RuntimeException e) { // memory that is freed, read-only, or a thread's own
      String text = "rank " + rank + " cannot read or write a piece in " + call + ": " + e;
      CommunicationException failure =
          new CommunicationException(rank, call.operation(), call.region(), text, e);
      leave(Farewell.of(failure));
      throw failure;
    } finally {
      turn.unlock();
    }
  }

  private Outcome run(Exchange exchange, Call call) throws IOException {
    long start = System.nanoTime();
    long waited = 0;
    requireOpen(call);
    selector.selectNow();
    hearFarewells(call);
    while (true) {
      boolean progress = false;
      for (Side side : exchange.sides()) {
        try {
          progress |= exchange.pump(side);
        } catch (IOException e) {
          throw lost(side.link(), call, e);
        }
      }
      progress |= exchange.add();
      if (exchange.isDone()) {
        return exchange.finish(waited);
      }
      long now = System.nanoTime();
      if (now - start >= deadlineNanos) {
        throw exchange.late(deadlineNanos);
      }
      requireOpen(call);
      if (Thread.currentThread().isInterrupted()) {
        throw call.failure(rank, "rank " + rank + " was interrupted in " + call);
      }
      if (!progress) {
        exchange.sides().forEach(side -> side.link().data().channel().keyFor(selector).interestOps(side.interest()));
        selector.select((start + deadlineNanos - now) / 1_000_000 + 1);
        hearFarewells(call);
        waited += System.nanoTime() - now;
      }
    }
  }

  private void requireOpen(Call call) {
    if (closing) {
      throw call.failure(rank, "rank " + rank + " has closed its end in " + call);
    }
  }

  private void hearFarewells(Call call) {
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof Link link) {
        try {
          Optional<Farewell> farewell = link.farewell();
          if (farewell.isPresent()) {
            if (!farewell.get().isInGoodOrder()) {
              throw farewell.get().toException();
            }
            key.interestOps(0); // what it sent before may still be to come
          }
        } catch (IOException e) {
          throw lost(link, call, e);
        }
      }
    }
    selector.selectedKeys().clear();
  }

  /** Why there is no more from a rank: the reason that it gave, if it did. */
  private CommunicationException lost(Link link, Call call, IOException cause) {
    long start = System.nanoTime();
    try {
      do {
        Optional<Farewell> farewell = link.farewell();
        if (farewell.isPresent()) {
          return farewell.get().isInGoodOrder()
              ? call.failure(link.rank(), "rank " + link.rank() + " has closed its end before " + call)
              : farewell.get().toException();
        }
        LockSupport.parkNanos(1_000_000);
      } while (System.nanoTime() - start < WORD_NANOS);
    } catch (IOException e) {
      cause.addSuppressed(e); // it gave none
    }
    return new CommunicationException(
        link.rank(),
        call.operation(),
        call.region(),
        "rank " + link.rank() + " is lost in " + call + ": " + cause.getMessage(),
        cause);
  }

  private void leave(Farewell last) {
    if (!left) {
      left = true;
      try {
        selector.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot let go of the connections", e);
      } finally {
        links.forEach(link -> link.leave(last));
        afterwards.run();
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    turn.lock();
    try {
      leave(Farewell.inGoodOrder(rank));
    } finally {
      turn.unlock();
    }
  }
}
