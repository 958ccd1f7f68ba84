package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.EQ;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** The index of the largest or smallest of each row of F32: the extreme first, then where it is first met. */
final class ArgMaxKernel extends RangeKernel {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final boolean smallest;
  private final long from;
  private final long to;
  private final int width;

  ArgMaxKernel(WorkerPool pool, boolean smallest, long from, long to, long rows, int width) {
    super(pool, rows, 2L * width);
    this.smallest = smallest;
    this.from = from;
    this.to = to;
    this.width = width;
  }

  @Override
  protected void range(long first, long end) {
    for (long row = first; row < end; row++) {
      long at = from + 4 * row * width;
      float extreme = smallest ? Folds.min(at, width) : Folds.max(at, width);
      ALL.set(LONG, to + 8 * row, Float.isNaN(extreme) ? firstNan(at, width) : firstEqual(at, extreme, width));
    }
  }

  private static int firstEqual(long x, float value, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      if (FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE).compare(EQ, value).anyTrue()) {
        break;
      }
    }
    while (ALL.get(Simd.FLOAT, x + 4L * i) != value) {
      i++;
    }
    return i;
  }

  private static int firstNan(long x, int n) {
    int i = 0;
    while (i < n - 1 && !Float.isNaN(ALL.get(Simd.FLOAT, x + 4L * i))) {
      i++;
    }
    return i;
  }
}
