package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import jdk.incubator.vector.FloatVector;

/** Softmax, or its logarithm, of F32 rows; a unit is a row. */
final class SoftmaxKernel extends RangeKernel {
  private final WorkerPool pool;
  private final boolean log;
  private final long x;
  private final long y;
  private final int width;

  SoftmaxKernel(WorkerPool pool, boolean log, long x, long y, long rows, int width) {
    super(pool, rows, 6L * width);
    this.pool = pool;
    this.log = log;
    this.x = x;
    this.y = y;
    this.width = width;
  }

  @Override
  protected void range(long from, long to) {
    for (long row = from; row < to; row++) {
      long in = x + 4 * row * width;
      long out = y + 4 * row * width;
      float max = Rows.rowMax(pool, in, width);
      double sum = Rows.rowExpSum(pool, in, max, log ? 0 : out, width);
      if (log) {
        shift(in, max, (float) StrictMath.log(sum), out, width);
      } else {
        divide(out, (float) sum, width);
      }
    }
  }

  private static void divide(long y, float sum, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE).div(sum).intoMemorySegment(ALL, y + 4L * i, LE);
    }
    for (; i < n; i++) {
      ALL.set(Simd.FLOAT, y + 4L * i, ALL.get(Simd.FLOAT, y + 4L * i) / sum);
    }
  }

  /** (x − max) − log Σ: the first difference is exact where it matters, near the maximum. */
  private static void shift(long x, float max, float log, long y, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE)
          .sub(max)
          .sub(log)
          .intoMemorySegment(ALL, y + 4L * i, LE);
    }
    for (; i < n; i++) {
      ALL.set(Simd.FLOAT, y + 4L * i, ALL.get(Simd.FLOAT, x + 4L * i) - max - log);
    }
  }
}
