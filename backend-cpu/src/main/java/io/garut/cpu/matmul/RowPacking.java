package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.MR;
import static io.garut.cpu.matmul.GemmKernels.STRIP_STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.WorkerPool;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Packs the left side of a product into {@link Strips}: up to {@link Blocking#MR} rows side by side, k after k, and a row
 * of zeros where the kernel takes one more. A chunk is one strip.
 */
final class RowPacking implements WorkerPool.Task {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

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
    return Strips.count(m) * stripBytes(k);
  }

  /**
   * Packs A [m, k].
   *
   * @param rowStride bytes from one row of A to the next
   * @param stepStride bytes from one step of k to the next; packing is quick if this or the other one is 4
   */
  void run(long source, long rowStride, long stepStride, int m, int k, long target) {
    this.source = source;
    this.rowStride = rowStride;
    this.stepStride = stepStride;
    this.m = m;
    this.k = k;
    this.target = target;
    int strips = Strips.count(m);
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
    int first = Strips.first(m, strip);
    int rows = Strips.first(m, strip + 1) - first;
    long from = source + first * rowStride;
    long to = target + strip * stripBytes(k);
    if (stepStride == 4) {
      Transpose.run(from, rowStride, rows, k, to, STRIP_STEP);
    } else if (rowStride == 4 && rows == MR) {
      copy(from, stepStride, k, to);
    } else {
      Transpose.single(from, rowStride, stepStride, rows, 0, k, to, STRIP_STEP);
    }
    for (int row = rows; row < Strips.kernelRows(rows); row++) {
      for (int i = 0; i < k; i++) {
        ALL.set(INT, to + i * STRIP_STEP + row * 4L, 0);
      }
    }
  }

  /** Six floats, step after step, as vectors of four and of two. */
  private static void copy(long from, long stepStride, int k, long to) {
    for (int i = 0; i < k; i++) {
      long read = from + i * stepStride;
      long write = to + i * STRIP_STEP;
      FloatVector.fromMemorySegment(FloatVector.SPECIES_128, ALL, read, LE).intoMemorySegment(ALL, write, LE);
      ALL.set(LONG, write + 16, ALL.get(LONG, read + 16));
    }
  }
}
