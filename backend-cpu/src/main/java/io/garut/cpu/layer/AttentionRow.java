package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.cpu.reduction.Folds;
import jdk.incubator.vector.FloatVector;

/**
 * One query against many keys, F32, where memory is the limit: vectors lie along the head. A head's size is a
 * multiple of {@link Simd#LANES} here.
 */
final class AttentionRow {
  /** Keys whose products are held lane by lane. */
  static final int BLOCK = 64;

  private AttentionRow() {}

  /**
   * {@code to[s] = q · k[s]}; rows of k are {@code stride} bytes apart.
   *
   * @param lanes room for {@link #BLOCK} vectors
   */
  static void scores(long q, long k, long stride, int size, int keys, long lanes, long to) {
    for (int s = 0; s < keys; s += BLOCK) {
      int now = Math.min(BLOCK, keys - s);
      Lanes.clear(lanes, now);
      long from = k + s * stride;
      int i = 0;
      for (; i <= size - 4 * LANES; i += 4 * LANES) {
        dotFour(q + 4L * i, from + 4L * i, stride, now, lanes);
      }
      for (; i < size; i += LANES) {
        dotOne(q + 4L * i, from + 4L * i, stride, now, lanes);
      }
      Folds.laneSums(lanes, now, 1, to + 4L * s);
    }
  }

  /** Adds the lanes of dot products, with four vectors of the query in registers. */
  private static void dotFour(long q, long k, long stride, int keys, long to) {
    FloatVector x0 = FloatVector.fromMemorySegment(F32, ALL, q, LE);
    FloatVector x1 = FloatVector.fromMemorySegment(F32, ALL, q + Simd.BYTES, LE);
    FloatVector x2 = FloatVector.fromMemorySegment(F32, ALL, q + 2L * Simd.BYTES, LE);
    FloatVector x3 = FloatVector.fromMemorySegment(F32, ALL, q + 3L * Simd.BYTES, LE);
    for (int s = 0; s < keys; s++) {
      long at = k + s * stride;
      long lanes = to + s * (long) Simd.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, lanes, LE);
      a = FloatVector.fromMemorySegment(F32, ALL, at, LE).fma(x0, a);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, at + Simd.BYTES, LE).mul(x1);
      a = FloatVector.fromMemorySegment(F32, ALL, at + 2L * Simd.BYTES, LE).fma(x2, a);
      b = FloatVector.fromMemorySegment(F32, ALL, at + 3L * Simd.BYTES, LE).fma(x3, b);
      a.add(b).intoMemorySegment(ALL, lanes, LE);
    }
  }

  private static void dotOne(long q, long k, long stride, int keys, long to) {
    FloatVector x = FloatVector.fromMemorySegment(F32, ALL, q, LE);
    for (int s = 0; s < keys; s++) {
      long lanes = to + s * (long) Simd.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, lanes, LE);
      a = FloatVector.fromMemorySegment(F32, ALL, k + s * stride, LE).fma(x, a);
      a.intoMemorySegment(ALL, lanes, LE);
    }
  }

  /** {@code out += Σ p[s] · v[s]}; rows of v are {@code stride} bytes apart. */
  static void addValues(long p, long v, long stride, int size, int keys, long out) {
    int i = 0;
    for (; i <= size - 4 * LANES; i += 4 * LANES) {
      addFour(p, v + 4L * i, stride, keys, out + 4L * i);
    }
    for (; i < size; i += LANES) {
      addOne(p, v + 4L * i, stride, keys, out + 4L * i);
    }
  }

  private static void addFour(long p, long v, long stride, int keys, long out) {
    FloatVector a = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    FloatVector b = FloatVector.fromMemorySegment(F32, ALL, out + Simd.BYTES, LE);
    FloatVector c = FloatVector.fromMemorySegment(F32, ALL, out + 2L * Simd.BYTES, LE);
    FloatVector d = FloatVector.fromMemorySegment(F32, ALL, out + 3L * Simd.BYTES, LE);
    for (int s = 0; s < keys; s++) {
      long at = v + s * stride;
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, p + 4L * s));
      a = FloatVector.fromMemorySegment(F32, ALL, at, LE).fma(x, a);
      b = FloatVector.fromMemorySegment(F32, ALL, at + Simd.BYTES, LE).fma(x, b);
      c = FloatVector.fromMemorySegment(F32, ALL, at + 2L * Simd.BYTES, LE).fma(x, c);
      d = FloatVector.fromMemorySegment(F32, ALL, at + 3L * Simd.BYTES, LE).fma(x, d);
    }
    Lanes.ZERO.add(a).intoMemorySegment(ALL, out, LE);
    Lanes.ZERO.add(b).intoMemorySegment(ALL, out + Simd.BYTES, LE);
    Lanes.ZERO.add(c).intoMemorySegment(ALL, out + 2L * Simd.BYTES, LE);
    Lanes.ZERO.add(d).intoMemorySegment(ALL, out + 3L * Simd.BYTES, LE);
  }

  private static void addOne(long p, long v, long stride, int keys, long out) {
    FloatVector a = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    for (int s = 0; s < keys; s++) {
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, p + 4L * s));
      a = FloatVector.fromMemorySegment(F32, ALL, v + s * stride, LE).fma(x, a);
    }
    Lanes.ZERO.add(a).intoMemorySegment(ALL, out, LE);
  }
}
