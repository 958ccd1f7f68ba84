package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.matmul.Blocking.MR;
import static io.garut.cpu.matmul.GemmKernels.STRIP_STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.WorkerPool;

/**
 * Packs the left side of a product into strips: {@link Blocking#MR} rows side by side, k after k, the rows that are missing
 * in the last strip zeros. A chunk is one strip.
 */
final class RowPacking implements WorkerPool.Task {
  /** Elements of a row that are moved before the next row's: one cache line. */
  private static final int TILE = 16;

  /** Below so many elements the calling thread packs alone. */
  private static final long SMALL = 1 << 14;

  private final WorkerPool pool;

  private long source;
  private long rowStride;
  private long stepStride;
  private int m;
  private int k;
  private long target;

  RowPacking(WorkerPool pool) {
    this.pool = pool;
  }

  /** Bytes of a strip of {@code k} steps. */
  static long stripBytes(int k) {
    return k * STRIP_STEP;
  }

  /** Bytes of all strips. */
  static long bytes(int m, int k) {
    return Math.ceilDiv(m, MR) * stripBytes(k);
  }

  /**
   * Packs A [m, k].
   *
   * @param rowStride bytes from one row of A to the next
   * @param stepStride bytes from one step of k to the next; this or the other one is 4
   */
  void run(long source, long rowStride, long stepStride, int m, int k, long target) {
    this.source = source;
    this.rowStride = rowStride;
    this.stepStride = stepStride;
    this.m = m;
    this.k = k;
    this.target = target;
    int strips = Math.ceilDiv(m, MR);
    if ((long) m * k < SMALL) {
      for (int strip = 0; strip < strips; strip++) {
        run(strip);
      }
    } else {
      pool.run(this, strips);
    }
  }

  @Override
  public void run(int strip) {
    int first = strip * MR;
    int rows = Math.min(MR, m - first);
    long from = source + first * rowStride;
    long to = target + strip * stripBytes(k);
    if (stepStride == 4) {
      for (int done = 0; done < k; done += TILE) {
        turn(from + done * 4L, rowStride, rows, Math.min(TILE, k - done), to + done * STRIP_STEP);
      }
    } else {
      for (int i = 0; i < k; i++) {
        copy(from + i * stepStride, rows, to + i * STRIP_STEP);
      }
    }
    for (int i = 0; rows < MR && i < k; i++) {
      for (int row = rows; row < MR; row++) {
        ALL.set(INT, to + i * STRIP_STEP + row * 4L, 0);
      }
    }
  }

  private static void turn(long from, long rowStride, int rows, int steps, long to) {
    for (int row = 0; row < rows; row++) {
      long read = from + row * rowStride;
      long write = to + row * 4L;
      for (int i = 0; i < steps; i++) {
        ALL.set(INT, write + i * STRIP_STEP, ALL.get(INT, read + i * 4L));
      }
    }
  }

  private static void copy(long from, int rows, long to) {
    for (int row = 0; row < rows; row++) {
      ALL.set(INT, to + row * 4L, ALL.get(INT, from + row * 4L));
    }
  }
}
