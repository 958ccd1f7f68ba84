package io.garut.cpu;

import io.garut.tensor.spi.Kernel;

/**
 * A kernel over a range of units (elements, rows, heads) that do not depend on each other. Small ranges run on the
 * calling thread, large ones in chunks on the pool. Where they are cut depends on the shape only, and so do the
 * results.
 */
public abstract class RangeKernel implements Kernel, WorkerPool.Task {
  /** Work worth a chunk, in elements read and written by a simple loop: some 10 µs, against 1 to 7 to wake a worker. */
  private static final long GRAIN = 1 << 15;

  /** Enough for any number of threads to be evenly loaded. */
  private static final long MOST_CHUNKS = 1 << 10;

  private final WorkerPool pool;
  private final long units;
  private final long perChunk;
  private final int chunks;

  /**
   * A kernel over {@code units} units.
   *
   * @param cost of a unit, in elements of a simple loop
   */
  protected RangeKernel(WorkerPool pool, long units, long cost) {
    this.pool = pool;
    this.units = units;
    long wanted = Math.max(1, GRAIN / Math.max(1, cost));
    this.perChunk = Math.max(wanted, Math.ceilDiv(units, MOST_CHUNKS));
    this.chunks = (int) Math.ceilDiv(units, perChunk);
  }

  /** Computes units {@code from} up to, not including, {@code to}; called by several threads at once. */
  protected abstract void range(long from, long to);

  @Override
  public final void run() {
    if (chunks == 1) {
      range(0, units);
    } else {
      pool.run(this, chunks);
    }
  }

  @Override
  public final void run(int chunk) {
    range(chunk * perChunk, Math.min(units, (chunk + 1) * perChunk));
  }
}
