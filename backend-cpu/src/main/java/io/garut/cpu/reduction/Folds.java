package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Folds of F32 that lie side by side, and of rows into one row. A sum is taken in four vectors, which are added
 * pairwise, and their lanes as a tree.
 */
public final class Folds {
  private static final int STEP = 4 * LANES;

  private static final FloatVector LEAST = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
  private static final FloatVector MOST = FloatVector.broadcast(F32, Float.POSITIVE_INFINITY);

  private Folds() {}

  /** The sum of {@code n} elements at {@code x}. */
  public static float sum(long x, int n) {
    FloatVector a = FloatVector.zero(F32);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - STEP; i += STEP) { // four chains hide the latency of an addition
      long at = x + 4L * i;
      a = FloatVector.fromMemorySegment(F32, ALL, at, LE).add(a);
      b = FloatVector.fromMemorySegment(F32, ALL, at + BYTES, LE).add(b);
      c = FloatVector.fromMemorySegment(F32, ALL, at + 2L * BYTES, LE).add(c);
      d = FloatVector.fromMemorySegment(F32, ALL, at + 3L * BYTES, LE).add(d);
    }
    for (; i < n; i += LANES) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, rest).add(a);
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

  /** {@code to[i] = factor · } the sum of the lanes of vector i at {@code vectors}. */
  public static void laneSums(long vectors, int count, float factor, long to) {
    for (int i = 0; i < count; i++) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, vectors + i * (long) BYTES, LE);
      if (LANES > 8) {
        a = a.add(a.rearrange(Lanes.BY_8));
      }
      if (LANES > 4) {
        a = a.add(a.rearrange(Lanes.BY_4));
      }
      a = a.add(a.rearrange(Lanes.BY_2));
      ALL.set(Simd.FLOAT, to + 4L * i, (a.lane(0) + a.lane(1)) * factor);
    }
  }

  static float max(long x, int n) {
    FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      a = LEAST.blend(v, inside).max(a);
    }
    return LEAST.max(a).reduceLanes(MAX); // of a maximum the order does not matter
  }

  static float min(long x, int n) {
    FloatVector a = FloatVector.broadcast(F32, Float.POSITIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      a = MOST.blend(v, inside).min(a);
    }
    return MOST.min(a).reduceLanes(MIN);
  }

  /** {@code y[i] += x[i]} for {@code n} elements. */
  static void addTo(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE, inside)
          .add(v)
          .intoMemorySegment(ALL, y + 4L * i, LE, inside);
    }
  }

  /** {@code y[i] = max(x[i], y[i])} for {@code n} elements. */
  static void maxTo(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE, inside)
          .max(v)
          .intoMemorySegment(ALL, y + 4L * i, LE, inside);
    }
  }

  /** {@code y[i] = min(x[i], y[i])} for {@code n} elements. */
  static void minTo(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE, inside)
          .min(v)
          .intoMemorySegment(ALL, y + 4L * i, LE, inside);
    }
  }
}
