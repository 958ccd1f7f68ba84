package io.garut.cpu;

import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that compute. {@link #run} splits a task into chunks, which the calling thread and the workers claim one
 * after the other; it returns when all are done. Nothing is allocated per call.
 *
 * <ul> <li>What a chunk computes must depend on its number only, and the number of chunks on sizes only: then results
 * do not
 *       depend on the number of threads.
 *   <li>Workers look for work for some {@value #SPIN_MICROS} µs and then park. Longer spinning would serve shorter gaps,
 *       but collapses as soon as another process wants a core.
 *   <li>One task at a time has the workers. A thread that calls {@link #run} meanwhile, from within a chunk or from
 *       outside, computes its chunks itself: it would otherwise wait for workers that have enough to do, and nested calls
 *       cannot deadlock.
 *   <li>A chunk that throws ends the task: later chunks not yet begun are passed over, and its exception reaches the
 *       caller after the last worker has stopped. If several throw, it is that of the first of them, whatever their timing.
 * </ul>
 */
public final class WorkerPool implements AutoCloseable {
  /** A task in chunks that may be computed in any order and at the same time. */
  @FunctionalInterface
  public interface Task {
    /** Computes one chunk. */
    void run(int chunk);
  }

  /** How long an idle worker, or a caller that waits for the others' last chunks, spins before it parks. */
  private static final int SPIN_MICROS = 50;

  /** Looks between two readings of the clock. */
  private static final int LOOKS = 32;

  /** Number of the task in the upper half, chunks not yet claimed in the lower. */
  private static final int CLAIM = 16;

  /** Chunks not yet finished. Both words have cache lines of their own. */
  private static final int PENDING = 48;

  private final AtomicLongArray state = new AtomicLongArray(64);
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Worker[] workers;
  private final List<Scratch> scratches = new ArrayList<>();
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(this::newScratch);

  // Written by the caller before CLAIM announces them, and not again before all chunks are finished.
  private Task task;
  private int chunks;
  private int generation;

  /** The first chunk that has thrown, and what; the exception is written before the number. */
  private Throwable failure;

  private volatile int failed = Integer.MAX_VALUE;
  private volatile Thread waiting;
  private volatile boolean closed;

  /**
   * Starts {@code threads − 1} daemon threads; the caller of {@link #run} is the other one.
   *
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a worker pool needs at least one thread, not " + threads);
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      Worker worker = new Worker();
      worker.thread = Thread.ofPlatform().daemon().name("garut-worker-" + (i + 1)).unstarted(worker);
      workers[i] = worker;
    }
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  /** Threads that compute, the caller's included. */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Computes chunks 0 to {@code chunks − 1} of {@code task} and returns when all are done.
   *
   * @throws IllegalStateException if the pool has been closed
   */
  public void run(Task task, int chunks) {
    if (closed) {
      throw new IllegalStateException("the worker pool has been closed");
    }
    if (chunks <= 1 || workers.length == 0 || !busy.compareAndSet(false, true)) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        task.run(chunk);
      }
      return;
    }
    Throwable thrown;
    try {
      this.task = task;
      this.chunks = chunks;
      generation++;
      state.set(PENDING, chunks);
      state.set(CLAIM, (long) generation << 32 | chunks); // before the look at parked: see Worker.run
      int helpers = Math.min(workers.length, chunks - 1);
      for (int i = 0; i < helpers; i++) {
        if (workers[i].parked) {
          LockSupport.unpark(workers[i].thread);
        }
      }
      work();
      awaitOthers();
      thrown = failure;
    } finally {
      this.task = null;
      failure = null;
      failed = Integer.MAX_VALUE;
      busy.set(false);
    }
    if (thrown != null) {
      rethrow(thrown);
    }
  }

  /** Throws as it is what {@link Task#run} threw, which declares no checked exception. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void rethrow(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** Claims and computes chunks until none is left. */
  private void work() {
    while (true) {
      long claim = state.getAcquire(CLAIM);
      int left = (int) claim;
      if (left == 0) {
        return;
      }
      // If the exchange succeeds, this task had unclaimed chunks all the while, so both fields were its own.
      Task mine = task;
      int chunk = chunks - left;
      if (!state.compareAndSet(CLAIM, claim, claim - 1)) {
        continue;
      }
      try {
        if (chunk < failed) { // chunks are claimed in order, so the first one to throw always runs
          mine.run(chunk);
        }
      } catch (Throwable e) {
        fail(chunk, e);
      }
      if (state.decrementAndGet(PENDING) == 0) {
        Thread caller = waiting;
        if (caller != null) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  private synchronized void fail(int chunk, Throwable thrown) {
    if (chunk < failed) {
      failure = thrown;
      failed = chunk;
    }
  }

  private void awaitOthers() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < SPIN_MICROS * 1000L) {
      for (int look = 0; look < LOOKS; look++) {
        if (state.getAcquire(PENDING) == 0) {
          return;
        }
        Thread.onSpinWait();
      }
    }
    boolean interrupted = false;
    waiting = Thread.currentThread();
    while (state.get(PENDING) != 0) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted(); // an interrupted thread would not park
    }
    waiting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker implements Runnable {
    private Thread thread;
    private volatile boolean parked;

    @Override
    public void run() {
      while (!closed) {
        if (spin()) {
          work();
          continue;
        }
        parked = true;
        // The caller writes CLAIM and then reads parked, this thread the other way round: one of both sees the other's.
        if ((int) state.get(CLAIM) == 0 && !closed) {
          LockSupport.park(WorkerPool.this);
        }
        parked = false;
      }
    }

    private boolean spin() {
      long start = System.nanoTime();
      do {
        for (int look = 0; look < LOOKS; look++) {
          if ((int) state.getAcquire(CLAIM) != 0) {
            return true;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() - start < SPIN_MICROS * 1000L);
      return false;
    }
  }

  /**
   * The address of the calling thread's buffer of {@code bytes} or more in {@code slot}, aligned to 64 bytes; the
   * contents are undefined. It is valid until this thread asks for more in the same slot, and may be handed to the
   * workers for a task that this thread runs.
   *
   * @throws IllegalStateException if the pool has been closed
   */
  @SuppressWarnings("EnumOrdinal") // indexes an array as long as the enum, made anew in every run
  public long scratch(ScratchSlot slot, long bytes) {
    if (closed) {
      throw new IllegalStateException("the worker pool has been closed");
    }
    Scratch mine = scratch.get();
    int index = slot.ordinal();
    return mine.bytes[index] >= bytes ? mine.addresses[index] : mine.grow(index, bytes);
  }

  private Scratch newScratch() {
    synchronized (scratches) {
      scratches.removeIf(Scratch::freeIfOrphaned); // of callers' threads that have ended
      Scratch fresh = new Scratch();
      scratches.add(fresh);
      return fresh;
    }
  }

  /** One thread's buffers. */
  private static final class Scratch {
    private static final int SLOTS = ScratchSlot.values().length;

    private final WeakReference<Thread> owner = new WeakReference<>(Thread.currentThread());
    private final Arena[] arenas = new Arena[SLOTS];
    private final long[] addresses = new long[SLOTS];
    private final long[] bytes = new long[SLOTS];

    /** At least doubles, so that growing sizes cost little. */
    private long grow(int index, long needed) {
      long size = Math.max(needed, 2 * bytes[index]);
      Arena arena = Arena.ofShared();
      long address = arena.allocate(size, 64).address();
      if (arenas[index] != null) {
        arenas[index].close();
      }
      arenas[index] = arena;
      addresses[index] = address;
      bytes[index] = size;
      return address;
    }

    private boolean freeIfOrphaned() {
      Thread thread = owner.get();
      if (thread != null && thread.isAlive()) {
        return false;
      }
      free();
      return true;
    }

    private void free() {
      for (Arena arena : arenas) {
        if (arena != null) {
          arena.close();
        }
      }
    }
  }

  /**
   * Ends the workers and frees all scratch buffers. Closing again does nothing.
   *
   * @throws IllegalStateException if a task is running
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("the worker pool is computing; close it when its tasks have ended");
    }
    closed = true;
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
      while (worker.thread.isAlive()) {
        try {
          worker.thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    synchronized (scratches) {
      scratches.forEach(Scratch::free);
      scratches.clear();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
