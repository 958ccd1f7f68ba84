package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.reduction.Folds;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Layer normalisation of F32 rows in two passes: the mean, then the squares of what differs from it. Both sums are
 * taken in four vectors side by side, which are added pairwise, and their lanes as a tree.
 */
final class LayerNormKernel extends RangeKernel {
  /** Four chains hide the latency of an addition. */
  private static final int STEP = 4 * LANES;

  private final long x;
  private final long weight;
  private final long bias;
  private final long y;
  private final int width;
  private final double epsilon;

  LayerNormKernel(WorkerPool pool, long x, long weight, long bias, long y, long rows, int width, double epsilon) {
    super(pool, rows, 3L * width);
    this.x = x;
    this.weight = weight;
    this.bias = bias;
    this.y = y;
    this.width = width;
    this.epsilon = epsilon;
  }

  @Override
  protected void range(long from, long to) {
    for (long row = from; row < to; row++) {
      long at = row * width * 4;
      float mean = Folds.sum(x + at, width) / width;
      float variance = squares(x + at, mean, width) / width;
      float scale = (float) (1 / Math.sqrt(variance + epsilon));
      apply(x + at, mean, scale, weight, bias, y + at, width);
    }
  }

  /** Σ (x − mean)². */
  static float squares(long x, float mean, int n) {
    FloatVector a = FloatVector.zero(F32);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - STEP; i += STEP) {
      long at = x + 4L * i;
      FloatVector p = FloatVector.fromMemorySegment(F32, ALL, at, LE).sub(mean);
      FloatVector q = FloatVector.fromMemorySegment(F32, ALL, at + Simd.BYTES, LE).sub(mean);
      FloatVector r = FloatVector.fromMemorySegment(F32, ALL, at + 2L * Simd.BYTES, LE).sub(mean);
      FloatVector s = FloatVector.fromMemorySegment(F32, ALL, at + 3L * Simd.BYTES, LE).sub(mean);
      a = p.fma(p, a);
      b = q.fma(q, b);
      c = r.fma(r, c);
      d = s.fma(s, d);
    }
    for (; i < n; i += LANES) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      FloatVector p = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, rest).sub(mean);
      p = p.blend(0, rest.not());
      a = p.fma(p, a);
    }
    a = Lanes.ZERO.add(a).add(b).add(Lanes.ZERO.add(c).add(d));
    if (LANES > 8) {
      a = a.add(a.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      a = a.add(a.rearrange(Lanes.BY_4));
    }
    a = a.add(a.rearrange(Lanes.BY_2));
    return a.lane(0) + a.lane(1);
  }

  private static void apply(long x, float mean, float scale, long weight, long bias, long y, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4L * i;
      FloatVector normal = FloatVector.fromMemorySegment(F32, ALL, x + at, LE).sub(mean).mul(scale);
      FloatVector w = FloatVector.fromMemorySegment(F32, ALL, weight + at, LE);
      normal.fma(w, FloatVector.fromMemorySegment(F32, ALL, bias + at, LE)).intoMemorySegment(ALL, y + at, LE);
    }
    for (; i < n; i++) {
      long at = 4L * i;
      float normal = (ALL.get(Simd.FLOAT, x + at) - mean) * scale;
      float out = Math.fma(normal, ALL.get(Simd.FLOAT, weight + at), ALL.get(Simd.FLOAT, bias + at));
      ALL.set(Simd.FLOAT, y + at, out);
    }
  }
}
