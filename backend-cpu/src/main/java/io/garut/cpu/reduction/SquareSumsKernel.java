package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.F64;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.F2D;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Sums of squares of runs of F32, in double precision: in four vectors side by side, which are added in pairs, and their
 * lanes one after another. A unit is a run.
 */
final class SquareSumsKernel extends RangeKernel {
  private static final DoubleVector ZERO = DoubleVector.zero(F64);

  private static final int STEP = 2 * LANES;

  private final WorkerPool pool;
  private final long from;
  private final long to;
  private final long count;
  private final long run;

  SquareSumsKernel(WorkerPool pool, long from, long to, long count, long run) {
    super(pool, Math.ceilDiv(count, run), run);
    this.pool = pool;
    this.from = from;
    this.to = to;
    this.count = count;
    this.run = run;
  }

  @Override
  protected void range(long first, long end) {
    long sums = pool.scratch(ScratchSlot.ROWS, 2L * Simd.BYTES);
    for (long unit = first; unit < end; unit++) {
      long n = Math.min(run, count - unit * run);
      ALL.set(Simd.DOUBLE, to + 8 * unit, sum(from + 4 * unit * run, n, sums));
    }
  }

  private static double sum(long x, long n, long sums) {
    DoubleVector a = DoubleVector.zero(F64);
    DoubleVector b = a;
    DoubleVector c = a;
    DoubleVector d = a;
    long i = 0;
    for (; i <= n - STEP; i += STEP) { // four chains hide the latency of a multiply-add
      FloatVector u = FloatVector.fromMemorySegment(F32, ALL, x + 4 * i, LE);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4 * i + Simd.BYTES, LE);
      DoubleVector p = ZERO.add(u.convertShape(F2D, F64, 0));
      DoubleVector q = ZERO.add(u.convertShape(F2D, F64, 1));
      DoubleVector r = ZERO.add(v.convertShape(F2D, F64, 0));
      DoubleVector s = ZERO.add(v.convertShape(F2D, F64, 1));
      a = p.fma(p, a);
      b = q.fma(q, b);
      c = r.fma(r, c);
      d = s.fma(s, d);
    }
    ZERO.add(a).add(b).intoMemorySegment(ALL, sums, LE);
    ZERO.add(c).add(d).intoMemorySegment(ALL, sums + Simd.BYTES, LE);
    double sum = 0;
    for (; i < n; i++) {
      double value = ALL.get(Simd.FLOAT, x + 4 * i);
      sum = Math.fma(value, value, sum);
    }
    for (int lane = 0; lane < LANES; lane++) {
      sum += ALL.get(Simd.DOUBLE, sums + 8L * lane);
    }
    return sum;
  }
}
