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
  /** Elements that a sum takes at a time. */
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

  /**
   * The sums of four times {@code n} elements, a multiple of {@link #STEP}, with the bits that {@link #sum} gives: four places
   * are read at once, which gets more out of memory than one.
   *
   * @param x where the first begin; those after them begin {@code apart} bytes further each
   * @param to where the first's sum goes; the others' go {@code apartTo} bytes further each
   */
  static void sums(long x, long apart, int n, long to, long apartTo) {
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector b0 = a0;
    FloatVector c0 = a0;
    FloatVector d0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector c1 = a0;
    FloatVector d1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector c2 = a0;
    FloatVector d2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    FloatVector c3 = a0;
    FloatVector d3 = a0;
    for (long at = x; at != x + 4L * n; at += 4L * BYTES) {
      long at1 = at + apart;
      long at2 = at + 2 * apart;
      long at3 = at + 3 * apart;
      a0 = FloatVector.fromMemorySegment(F32, ALL, at, LE).add(a0);
      a1 = FloatVector.fromMemorySegment(F32, ALL, at1, LE).add(a1);
      a2 = FloatVector.fromMemorySegment(F32, ALL, at2, LE).add(a2);
      a3 = FloatVector.fromMemorySegment(F32, ALL, at3, LE).add(a3);
      b0 = FloatVector.fromMemorySegment(F32, ALL, at + BYTES, LE).add(b0);
      b1 = FloatVector.fromMemorySegment(F32, ALL, at1 + BYTES, LE).add(b1);
      b2 = FloatVector.fromMemorySegment(F32, ALL, at2 + BYTES, LE).add(b2);
      b3 = FloatVector.fromMemorySegment(F32, ALL, at3 + BYTES, LE).add(b3);
      c0 = FloatVector.fromMemorySegment(F32, ALL, at + 2L * BYTES, LE).add(c0);
      c1 = FloatVector.fromMemorySegment(F32, ALL, at1 + 2L * BYTES, LE).add(c1);
      c2 = FloatVector.fromMemorySegment(F32, ALL, at2 + 2L * BYTES, LE).add(c2);
      c3 = FloatVector.fromMemorySegment(F32, ALL, at3 + 2L * BYTES, LE).add(c3);
      d0 = FloatVector.fromMemorySegment(F32, ALL, at + 3L * BYTES, LE).add(d0);
      d1 = FloatVector.fromMemorySegment(F32, ALL, at1 + 3L * BYTES, LE).add(d1);
      d2 = FloatVector.fromMemorySegment(F32, ALL, at2 + 3L * BYTES, LE).add(d2);
      d3 = FloatVector.fromMemorySegment(F32, ALL, at3 + 3L * BYTES, LE).add(d3);
    }
    a0 = Lanes.ZERO.add(a0).add(b0).add(Lanes.ZERO.add(c0).add(d0));
    a1 = Lanes.ZERO.add(a1).add(b1).add(Lanes.ZERO.add(c1).add(d1));
    a2 = Lanes.ZERO.add(a2).add(b2).add(Lanes.ZERO.add(c2).add(d2));
    a3 = Lanes.ZERO.add(a3).add(b3).add(Lanes.ZERO.add(c3).add(d3));
    if (LANES > 8) {
      a0 = a0.add(a0.rearrange(Lanes.BY_8));
      a1 = a1.add(a1.rearrange(Lanes.BY_8));
      a2 = a2.add(a2.rearrange(Lanes.BY_8));
      a3 = a3.add(a3.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      a0 = a0.add(a0.rearrange(Lanes.BY_4));
      a1 = a1.add(a1.rearrange(Lanes.BY_4));
      a2 = a2.add(a2.rearrange(Lanes.BY_4));
      a3 = a3.add(a3.rearrange(Lanes.BY_4));
    }
    a0 = a0.add(a0.rearrange(Lanes.BY_2));
    a1 = a1.add(a1.rearrange(Lanes.BY_2));
    a2 = a2.add(a2.rearrange(Lanes.BY_2));
    a3 = a3.add(a3.rearrange(Lanes.BY_2));
    ALL.set(Simd.FLOAT, to, a0.lane(0) + a0.lane(1));
    ALL.set(Simd.FLOAT, to + apartTo, a1.lane(0) + a1.lane(1));
    ALL.set(Simd.FLOAT, to + 2 * apartTo, a2.lane(0) + a2.lane(1));
    ALL.set(Simd.FLOAT, to + 3 * apartTo, a3.lane(0) + a3.lane(1));
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
  public static void addTo(long x, long y, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE).add(v).intoMemorySegment(ALL, y + 4L * i, LE);
    }
    for (; i < n; i++) {
      ALL.set(Simd.FLOAT, y + 4L * i, ALL.get(Simd.FLOAT, y + 4L * i) + ALL.get(Simd.FLOAT, x + 4L * i));
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
