package io.garut.cpu.layer;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.cpu.pointwise.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The steps of attention for a tile of {@link #ROWS} queries of one head against blocks of keys, F32, where
 * arithmetic is the limit. Everything is kept transposed, two vectors of queries side by side: scores [keys, ROWS],
 * sums [size, ROWS]. Maxima and sums over keys are then lane by lane, keys and values are read as they lie, a number
 * at a time, against vectors that stay in the first cache (Dao et al., "FlashAttention", 2022, without its
 * transposes).
 */
final class AttentionTile {
  /** Queries of a tile. */
  static final int ROWS = 2 * LANES;

  /** Bytes from one key's scores to the next, from one feature's sums to the next. */
  static final int STEP = 2 * BYTES;

  /** Keys and features that are worked on at a time: 16 chains hide the latency of a multiply-add. */
  static final int STRIP = 8;

  private AttentionTile() {}

  /**
   * {@code to[d, row] = scale · q[row, d]}, 0 for rows from {@code rows} on; rows of q are {@code stride} bytes
   * apart.
   */
  static void transposeQueries(long q, long stride, int rows, int size, float scale, long to) {
    for (int d = 0; d < size; d++) {
      for (int row = 0; row < ROWS; row++) {
        float x = row < rows ? ALL.get(Simd.FLOAT, q + row * stride + 4L * d) * scale : 0;
        ALL.set(Simd.FLOAT, to + d * (long) STEP + 4L * row, x);
      }
    }
  }

  /**
   * {@code out[row, d] = sums[d, row] / weight[row]} for {@code rows} rows, {@code stride} bytes apart. Replaces the weights by
   * 0 where all results of a row are finite, by NaN elsewhere.
   */
  static void transposeResults(long sums, long weights, int rows, int size, long out, long stride) {
    FloatVector w0 = FloatVector.fromMemorySegment(F32, ALL, weights, LE);
    FloatVector w1 = FloatVector.fromMemorySegment(F32, ALL, weights + BYTES, LE);
    FloatVector zero = FloatVector.broadcast(F32, 0);
    FloatVector bad0 = FloatVector.zero(F32);
    FloatVector bad1 = bad0;
    for (int d = 0; d < size; d++) {
      long at = sums + d * (long) STEP;
      FloatVector x0 = FloatVector.fromMemorySegment(F32, ALL, at, LE).div(w0);
      FloatVector x1 = FloatVector.fromMemorySegment(F32, ALL, at + BYTES, LE).div(w1);
      x0.intoMemorySegment(ALL, at, LE);
      x1.intoMemorySegment(ALL, at + BYTES, LE);
      bad0 = zero.fma(x0, bad0);
      bad1 = zero.fma(x1, bad1);
    }
    Lanes.ZERO.add(bad0).intoMemorySegment(ALL, weights, LE);
    Lanes.ZERO.add(bad1).intoMemorySegment(ALL, weights + BYTES, LE);
    for (int row = 0; row < rows; row++) {
      for (int d = 0; d < size; d++) {
        ALL.set(Simd.FLOAT, out + row * stride + 4L * d, ALL.get(Simd.FLOAT, sums + d * (long) STEP + 4L * row));
      }
    }
  }

  /** {@code scores[s, row] = k[s] · q[row]}; rows of k are {@code stride} bytes apart. Writes whole strips of keys. */
  static void scores(long q, long k, long stride, int size, int keys, long scores) {
    for (int s = 0; s < keys; s += STRIP) {
      int last = keys - 1 - s; // past it, the last key again: what comes of it is masked
      long at = k + s * stride;
      scoreStrip(
          q,
          at,
          at + Math.min(1, last) * stride,
          at + Math.min(2, last) * stride,
          at + Math.min(3, last) * stride,
          at + Math.min(4, last) * stride,
          at + Math.min(5, last) * stride,
          at + Math.min(6, last) * stride,
          at + Math.min(7, last) * stride,
          size,
          scores + s * (long) STEP);
    }
  }

  private static void scoreStrip(
      long q, long k0, long k1, long k2, long k3, long k4, long k5, long k6, long k7, int size, long to) {
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector a1 = zero;
    FloatVector b0 = zero;
    FloatVector b1 = zero;
    FloatVector c0 = zero;
    FloatVector c1 = zero;
    FloatVector d0 = zero;
    FloatVector d1 = zero;
    FloatVector e0 = zero;
    FloatVector e1 = zero;
    FloatVector f0 = zero;
    FloatVector f1 = zero;
    FloatVector g0 = zero;
    FloatVector g1 = zero;
    FloatVector h0 = zero;
    FloatVector h1 = zero;
    for (int i = 0; i < size; i++) {
      FloatVector q0 = FloatVector.fromMemorySegment(F32, ALL, q + i * (long) STEP, LE);
      FloatVector q1 = FloatVector.fromMemorySegment(F32, ALL, q + i * (long) STEP + BYTES, LE);
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k0 + 4L * i));
      a0 = x.fma(q0, a0);
      a1 = x.fma(q1, a1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k1 + 4L * i));
      b0 = x.fma(q0, b0);
      b1 = x.fma(q1, b1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k2 + 4L * i));
      c0 = x.fma(q0, c0);
      c1 = x.fma(q1, c1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k3 + 4L * i));
      d0 = x.fma(q0, d0);
      d1 = x.fma(q1, d1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k4 + 4L * i));
      e0 = x.fma(q0, e0);
      e1 = x.fma(q1, e1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k5 + 4L * i));
      f0 = x.fma(q0, f0);
      f1 = x.fma(q1, f1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k6 + 4L * i));
      g0 = x.fma(q0, g0);
      g1 = x.fma(q1, g1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, k7 + 4L * i));
      h0 = x.fma(q0, h0);
      h1 = x.fma(q1, h1);
    }
    Lanes.ZERO.add(a0).intoMemorySegment(ALL, to, LE);
    Lanes.ZERO.add(a1).intoMemorySegment(ALL, to + BYTES, LE);
    Lanes.ZERO.add(b0).intoMemorySegment(ALL, to + STEP, LE);
    Lanes.ZERO.add(b1).intoMemorySegment(ALL, to + STEP + BYTES, LE);
    Lanes.ZERO.add(c0).intoMemorySegment(ALL, to + 2L * STEP, LE);
    Lanes.ZERO.add(c1).intoMemorySegment(ALL, to + 2L * STEP + BYTES, LE);
    Lanes.ZERO.add(d0).intoMemorySegment(ALL, to + 3L * STEP, LE);
    Lanes.ZERO.add(d1).intoMemorySegment(ALL, to + 3L * STEP + BYTES, LE);
    Lanes.ZERO.add(e0).intoMemorySegment(ALL, to + 4L * STEP, LE);
    Lanes.ZERO.add(e1).intoMemorySegment(ALL, to + 4L * STEP + BYTES, LE);
    Lanes.ZERO.add(f0).intoMemorySegment(ALL, to + 5L * STEP, LE);
    Lanes.ZERO.add(f1).intoMemorySegment(ALL, to + 5L * STEP + BYTES, LE);
    Lanes.ZERO.add(g0).intoMemorySegment(ALL, to + 6L * STEP, LE);
    Lanes.ZERO.add(g1).intoMemorySegment(ALL, to + 6L * STEP + BYTES, LE);
    Lanes.ZERO.add(h0).intoMemorySegment(ALL, to + 7L * STEP, LE);
    Lanes.ZERO.add(h1).intoMemorySegment(ALL, to + 7L * STEP + BYTES, LE);
  }

  /**
   * Sets to −∞ the scores of keys that a row does not see: those before {@code starts[row]} or past {@code ends[row]}.
   *
   * @param first the number of the first key
   * @param starts I32, [ROWS]; {@code ends} alike
   */
  static void mask(long scores, int first, int keys, long starts, long ends) {
    for (int half = 0; half < STEP; half += BYTES) {
      IntVector start = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, starts + half, LE));
      IntVector end = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, ends + half, LE));
      for (int s = 0; s < keys; s++) {
        long at = scores + s * (long) STEP + half;
        VectorMask<Integer> hidden = start.compare(GT, first + s).or(end.compare(LT, first + s));
        Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, at, LE))
            .blend(0xff800000, hidden) // the bits of −∞
            .intoMemorySegment(ALL, at, LE);
      }
    }
  }

  /**
   * One step of the running softmax: replaces scores by exp(score − maximum), where the maximum is that of all blocks
   * so far, and brings the weights (sums of those) and the sums up to date.
   *
   * @param maxima [ROWS], −∞ at first; {@code weights} [ROWS], 0 at first
   * @param factors [ROWS], for use in here
   */
  static void softmax(long scores, int keys, long maxima, long weights, long factors, long sums, int size) {
    boolean left = raise(scores, keys, maxima, factors);
    boolean right = raise(scores + BYTES, keys, maxima + BYTES, factors + BYTES);
    if (left || right) {
      VectorMath.exp(factors, 0, factors, ROWS);
      rescale(factors, weights, sums, size);
      rescale(factors + BYTES, weights + BYTES, sums + BYTES, size);
    }
    subtract(scores, keys, maxima);
    subtract(scores + BYTES, keys, maxima + BYTES);
    VectorMath.exp(scores, 0, scores, keys * ROWS);
    weigh(scores, keys, weights);
    weigh(scores + BYTES, keys, weights + BYTES);
  }

  /** Raises the maxima to those of the scores; returns whether any rises and writes before − after. */
  private static boolean raise(long scores, int keys, long maxima, long factors) {
    FloatVector before = FloatVector.fromMemorySegment(F32, ALL, maxima, LE);
    FloatVector after = before;
    for (int s = 0; s < keys; s++) {
      after = FloatVector.fromMemorySegment(F32, ALL, scores + s * (long) STEP, LE).max(after);
    }
    after = before.max(after);
    after.intoMemorySegment(ALL, maxima, LE);
    // a row that has seen nothing, −∞ before, has sums of 0, which any factor leaves alone; −∞ + ∞ would not
    FloatVector difference = before.sub(after).blend(0, before.compare(EQ, Float.NEGATIVE_INFINITY));
    difference.intoMemorySegment(ALL, factors, LE);
    return !before.compare(EQ, after).allTrue();
  }

  private static void rescale(long factors, long weights, long sums, int size) {
    FloatVector factor = FloatVector.fromMemorySegment(F32, ALL, factors, LE);
    FloatVector.fromMemorySegment(F32, ALL, weights, LE).mul(factor).intoMemorySegment(ALL, weights, LE);
    for (int d = 0; d < size; d++) {
      long at = sums + d * (long) STEP;
      FloatVector.fromMemorySegment(F32, ALL, at, LE).mul(factor).intoMemorySegment(ALL, at, LE);
    }
  }

  private static void subtract(long scores, int keys, long maxima) {
    FloatVector max = FloatVector.fromMemorySegment(F32, ALL, maxima, LE);
    max = max.blend(0, max.compare(EQ, Float.NEGATIVE_INFINITY)); // nothing seen: −∞ − 0, not −∞ + ∞
    for (int s = 0; s < keys; s++) {
      long at = scores + s * (long) STEP;
      FloatVector.fromMemorySegment(F32, ALL, at, LE).sub(max).intoMemorySegment(ALL, at, LE);
    }
  }

  private static void weigh(long scores, int keys, long weights) {
    FloatVector weight = FloatVector.fromMemorySegment(F32, ALL, weights, LE);
    for (int s = 0; s < keys; s++) {
      weight = FloatVector.fromMemorySegment(F32, ALL, scores + s * (long) STEP, LE).add(weight);
    }
    Lanes.ZERO.add(weight).intoMemorySegment(ALL, weights, LE);
  }

  /**
   * {@code sums[d, row] += Σ p[s, row] · v[s, d]}; rows of v are {@code stride} bytes apart, size is in whole strips.
   */
  static void addValues(long p, long v, long stride, int size, int keys, long sums) {
    for (int d = 0; d < size; d += STRIP) {
      addStrip(p, v + 4L * d, stride, keys, sums + d * (long) STEP);
    }
  }

  private static void addStrip(long p, long v, long stride, int keys, long to) {
    FloatVector a0 = FloatVector.fromMemorySegment(F32, ALL, to, LE);
    FloatVector a1 = FloatVector.fromMemorySegment(F32, ALL, to + BYTES, LE);
    FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, to + STEP, LE);
    FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, to + STEP + BYTES, LE);
    FloatVector c0 = FloatVector.fromMemorySegment(F32, ALL, to + 2L * STEP, LE);
    FloatVector c1 = FloatVector.fromMemorySegment(F32, ALL, to + 2L * STEP + BYTES, LE);
    FloatVector d0 = FloatVector.fromMemorySegment(F32, ALL, to + 3L * STEP, LE);
    FloatVector d1 = FloatVector.fromMemorySegment(F32, ALL, to + 3L * STEP + BYTES, LE);
    FloatVector e0 = FloatVector.fromMemorySegment(F32, ALL, to + 4L * STEP, LE);
    FloatVector e1 = FloatVector.fromMemorySegment(F32, ALL, to + 4L * STEP + BYTES, LE);
    FloatVector f0 = FloatVector.fromMemorySegment(F32, ALL, to + 5L * STEP, LE);
    FloatVector f1 = FloatVector.fromMemorySegment(F32, ALL, to + 5L * STEP + BYTES, LE);
    FloatVector g0 = FloatVector.fromMemorySegment(F32, ALL, to + 6L * STEP, LE);
    FloatVector g1 = FloatVector.fromMemorySegment(F32, ALL, to + 6L * STEP + BYTES, LE);
    FloatVector h0 = FloatVector.fromMemorySegment(F32, ALL, to + 7L * STEP, LE);
    FloatVector h1 = FloatVector.fromMemorySegment(F32, ALL, to + 7L * STEP + BYTES, LE);
    for (int s = 0; s < keys; s++) {
      long at = v + s * stride;
      FloatVector p0 = FloatVector.fromMemorySegment(F32, ALL, p + s * (long) STEP, LE);
      FloatVector p1 = FloatVector.fromMemorySegment(F32, ALL, p + s * (long) STEP + BYTES, LE);
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at));
      a0 = x.fma(p0, a0);
      a1 = x.fma(p1, a1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 4));
      b0 = x.fma(p0, b0);
      b1 = x.fma(p1, b1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 8));
      c0 = x.fma(p0, c0);
      c1 = x.fma(p1, c1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 12));
      d0 = x.fma(p0, d0);
      d1 = x.fma(p1, d1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 16));
      e0 = x.fma(p0, e0);
      e1 = x.fma(p1, e1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 20));
      f0 = x.fma(p0, f0);
      f1 = x.fma(p1, f1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 24));
      g0 = x.fma(p0, g0);
      g1 = x.fma(p1, g1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, at + 28));
      h0 = x.fma(p0, h0);
      h1 = x.fma(p1, h1);
    }
    Lanes.ZERO.add(a0).intoMemorySegment(ALL, to, LE);
    Lanes.ZERO.add(a1).intoMemorySegment(ALL, to + BYTES, LE);
    Lanes.ZERO.add(b0).intoMemorySegment(ALL, to + STEP, LE);
    Lanes.ZERO.add(b1).intoMemorySegment(ALL, to + STEP + BYTES, LE);
    Lanes.ZERO.add(c0).intoMemorySegment(ALL, to + 2L * STEP, LE);
    Lanes.ZERO.add(c1).intoMemorySegment(ALL, to + 2L * STEP + BYTES, LE);
    Lanes.ZERO.add(d0).intoMemorySegment(ALL, to + 3L * STEP, LE);
    Lanes.ZERO.add(d1).intoMemorySegment(ALL, to + 3L * STEP + BYTES, LE);
    Lanes.ZERO.add(e0).intoMemorySegment(ALL, to + 4L * STEP, LE);
    Lanes.ZERO.add(e1).intoMemorySegment(ALL, to + 4L * STEP + BYTES, LE);
    Lanes.ZERO.add(f0).intoMemorySegment(ALL, to + 5L * STEP, LE);
    Lanes.ZERO.add(f1).intoMemorySegment(ALL, to + 5L * STEP + BYTES, LE);
    Lanes.ZERO.add(g0).intoMemorySegment(ALL, to + 6L * STEP, LE);
    Lanes.ZERO.add(g1).intoMemorySegment(ALL, to + 6L * STEP + BYTES, LE);
    Lanes.ZERO.add(h0).intoMemorySegment(ALL, to + 7L * STEP, LE);
    Lanes.ZERO.add(h1).intoMemorySegment(ALL, to + 7L * STEP + BYTES, LE);
  }
}
