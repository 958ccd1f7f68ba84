package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;

import io.garut.cpu.Simd;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Folds of F32 that lie side by side, and of rows into one row. A sum is taken in four vectors, which are added
 * pairwise, and their lanes as a tree.
 */
public final class Folds {
  private static final int STEP = 4 * LANES;

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
      a = a.add(FloatVector.fromMemorySegment(F32, ALL, at, LE));
      b = b.add(FloatVector.fromMemorySegment(F32, ALL, at + BYTES, LE));
      c = c.add(FloatVector.fromMemorySegment(F32, ALL, at + 2L * BYTES, LE));
      d = d.add(FloatVector.fromMemorySegment(F32, ALL, at + 3L * BYTES, LE));
    }
    for (; i < n; i += LANES) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      a = a.add(FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, rest));
    }
    return Simd.sum(a.add(b).add(c.add(d)));
  }

  static float max(long x, int n) {
    FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      a = a.blend(a.max(v), inside);
    }
    return a.reduceLanes(MAX); // of a maximum the order does not matter
  }

  static float min(long x, int n) {
    FloatVector a = FloatVector.broadcast(F32, Float.POSITIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, inside);
      a = a.blend(a.min(v), inside);
    }
    return a.reduceLanes(MIN);
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
