package io.garut.train.comm;

import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Operations that go on while the caller computes: they run one after another on a thread of their own, in the order in
 * which they were started, which has to be the same on all ranks. Two such streams need two groups.
 *
 * {@snippet :
 * Pending<BitSet> weights = stream.submit(group -> group.allGather("layers.3", shard, parts));
 * compute();
 * weights.await(); // the memory of the pieces is the operation's until here
 * }
 */
public final class AsyncCollective implements AutoCloseable {
  private final Collective collective;
  private final Semaphore places;
  private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean closed;

  /**
   * Takes {@code collective} over, and closes it in the end.
   *
   * @param most operations that have not ended; starting one more waits
   */
  public AsyncCollective(Collective collective, int most) {
    this.collective = collective;
    places = new Semaphore(most);
    thread = Thread.ofPlatform().daemon().name("garut-collective-" + collective.rank()).start(this::work);
  }

  /** Which rank this is. */
  public int rank() {
    return collective.rank();
  }

  /** How many there are. */
  public int size() {
    return collective.size();
  }

  /** What this rank has sent and received. */
  public Traffic traffic() {
    return collective.traffic();
  }

  /** Starts an operation, or several in a row, whose result is of interest. */
  public <T> Pending<T> submit(Function<Collective, T> operation) {
    return start(new FutureTask<>(() -> operation.apply(collective)));
  }

  /** Starts an operation without a result. */
  public Pending<Void> execute(Consumer<Collective> operation) {
    return start(new FutureTask<>(() -> operation.accept(collective), null));
  }

  private <T> Pending<T> start(FutureTask<T> task) {
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.interrupt();
      throw new CommunicationException(rank(), "rank " + rank() + " was interrupted while many operations went on", e);
    }
    synchronized (queue) {
      if (closed) {
        places.release();
        throw new CommunicationException(rank(), "rank " + rank() + " has closed its end", null);
      }
      queue.add(task);
    }
    return new Pending<>(task, thread);
  }

  private void work() {
    boolean working = true;
    while (working) {
      try {
        queue.take().run(); // errors stay in the task, until someone awaits it
        places.release();
      } catch (InterruptedException e) {
        // One who awaited an operation was interrupted, and it had ended by then.
      }
      synchronized (queue) {
        working = !closed || !queue.isEmpty();
      }
    }
  }

  /** Leaves the group. Operations that have not ended end with an error, and their memory is the caller's again. */
  @Override
  public void close() {
    synchronized (queue) {
      if (!closed) {
        closed = true;
        queue.add(() -> {}); // the last thing that the thread takes
      }
    }
    collective.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
