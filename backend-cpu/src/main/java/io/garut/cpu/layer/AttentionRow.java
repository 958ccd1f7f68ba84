package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Simd;
import jdk.incubator.vector.FloatVector;

/**
 * One query against many keys, F32, where memory is the limit: vectors lie along the head. A head's size is a
 * multiple of {@link Simd#LANES} here.
 */
final class AttentionRow {
  private AttentionRow() {}

  /** {@code to[s] = q · k[s]}; rows of k are {@code stride} bytes apart. */
  static void scores(long q, long k, long stride, int size, int keys, long to) {
    int s = 0;
    for (; s <= keys - 4; s += 4) { // four chains hide the latency of a multiply-add
      long k0 = k + s * stride;
      long k1 = k0 + stride;
      long k2 = k1 + stride;
      long k3 = k2 + stride;
      FloatVector a = FloatVector.zero(F32);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int i = 0; i < size; i += LANES) {
        long at = 4L * i;
        FloatVector x = FloatVector.fromMemorySegment(F32, ALL, q + at, LE);
        a = FloatVector.fromMemorySegment(F32, ALL, k0 + at, LE).fma(x, a);
        b = FloatVector.fromMemorySegment(F32, ALL, k1 + at, LE).fma(x, b);
        c = FloatVector.fromMemorySegment(F32, ALL, k2 + at, LE).fma(x, c);
        d = FloatVector.fromMemorySegment(F32, ALL, k3 + at, LE).fma(x, d);
      }
      long at = to + 4L * s;
      ALL.set(Simd.FLOAT, at, Simd.sum(a));
      ALL.set(Simd.FLOAT, at + 4, Simd.sum(b));
      ALL.set(Simd.FLOAT, at + 8, Simd.sum(c));
      ALL.set(Simd.FLOAT, at + 12, Simd.sum(d));
    }
    for (; s < keys; s++) {
      ALL.set(Simd.FLOAT, to + 4L * s, dot(q, k + s * stride, size));
    }
  }

  private static float dot(long q, long k, int size) {
    FloatVector a = FloatVector.zero(F32);
    for (int i = 0; i < size; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, q + 4L * i, LE);
      a = FloatVector.fromMemorySegment(F32, ALL, k + 4L * i, LE).fma(x, a);
    }
    return Simd.sum(a);
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
    a.intoMemorySegment(ALL, out, LE);
    b.intoMemorySegment(ALL, out + Simd.BYTES, LE);
    c.intoMemorySegment(ALL, out + 2L * Simd.BYTES, LE);
    d.intoMemorySegment(ALL, out + 3L * Simd.BYTES, LE);
  }

  private static void addOne(long p, long v, long stride, int keys, long out) {
    FloatVector a = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    for (int s = 0; s < keys; s++) {
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, p + 4L * s));
      a = FloatVector.fromMemorySegment(F32, ALL, v + s * stride, LE).fma(x, a);
    }
    a.intoMemorySegment(ALL, out, LE);
  }
}
