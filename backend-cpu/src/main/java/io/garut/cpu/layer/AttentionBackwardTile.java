package io.garut.cpu.layer;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.cpu.pointwise.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The steps of what flows back through attention for a tile of {@link #ROWS} queries of one head. As in {@link AttentionTile}
 * scores are kept transposed, [keys, ROWS], so that sums over keys go lane by lane. All five products have the form of {@link
 * #add}: numbers of one side against two vectors of the other.
 */
final class AttentionBackwardTile {
  /** Queries of a tile, or features that are worked on at a time. */
  static final int ROWS = 2 * LANES;

  /** Bytes of a tile's row. */
  static final int STEP = 2 * BYTES;

  /**
   * Results that are worked on at a time: 12 chains hide the latency of a multiply-add, and are what C2 can take in at once.
   */
  static final int STRIP = 6;

  private static final FloatVector ONE = FloatVector.broadcast(F32, 1);

  private AttentionBackwardTile() {}

  /**
   * {@code to[j] = Σ x[j, i] · y[i]} for j below {@code count}, i below {@code depth}.
   *
   * @param row bytes from x[j] to x[j + 1], {@code step} from x[j, i] to x[j, i + 1]
   * @param count a multiple of {@link #STRIP}
   * @param y [depth, ROWS]
   * @param zeros the address of ROWS zeros
   * @param to [count, ROWS]
   */
  static void multiply(long x, long row, long step, int count, long y, int depth, long zeros, long to) {
    for (int j = 0; j < count; j += STRIP) {
      strip(x + j * row, row, step, y, depth, zeros, 0, to + j * (long) STEP);
    }
  }

  /** {@code to[j] += Σ x[j, i] · y[i]}; parameters as {@link #multiply}'s. */
  static void add(long x, long row, long step, int count, long y, int depth, long to) {
    for (int j = 0; j < count; j += STRIP) {
      long at = to + j * (long) STEP;
      strip(x + j * row, row, step, y, depth, at, STEP, at);
    }
  }

  /** The sums begin with what lies at {@code from}, {@code fromStep} bytes apart. */
  private static void strip(long x0, long row, long step, long y, int depth, long from, long fromStep, long to) {
    long x1 = x0 + row;
    long x2 = x1 + row;
    long x3 = x2 + row;
    long x4 = x3 + row;
    long x5 = x4 + row;
    FloatVector a0 = FloatVector.fromMemorySegment(F32, ALL, from, LE);
    FloatVector a1 = FloatVector.fromMemorySegment(F32, ALL, from + BYTES, LE);
    FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, from + fromStep, LE);
    FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, from + fromStep + BYTES, LE);
    FloatVector c0 = FloatVector.fromMemorySegment(F32, ALL, from + 2 * fromStep, LE);
    FloatVector c1 = FloatVector.fromMemorySegment(F32, ALL, from + 2 * fromStep + BYTES, LE);
    FloatVector d0 = FloatVector.fromMemorySegment(F32, ALL, from + 3 * fromStep, LE);
    FloatVector d1 = FloatVector.fromMemorySegment(F32, ALL, from + 3 * fromStep + BYTES, LE);
    FloatVector e0 = FloatVector.fromMemorySegment(F32, ALL, from + 4 * fromStep, LE);
    FloatVector e1 = FloatVector.fromMemorySegment(F32, ALL, from + 4 * fromStep + BYTES, LE);
    FloatVector f0 = FloatVector.fromMemorySegment(F32, ALL, from + 5 * fromStep, LE);
    FloatVector f1 = FloatVector.fromMemorySegment(F32, ALL, from + 5 * fromStep + BYTES, LE);
    for (int i = 0; i < depth; i++) {
      FloatVector y0 = FloatVector.fromMemorySegment(F32, ALL, y + i * (long) STEP, LE);
      FloatVector y1 = FloatVector.fromMemorySegment(F32, ALL, y + i * (long) STEP + BYTES, LE);
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x0 + i * step));
      a0 = x.fma(y0, a0);
      a1 = x.fma(y1, a1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x1 + i * step));
      b0 = x.fma(y0, b0);
      b1 = x.fma(y1, b1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x2 + i * step));
      c0 = x.fma(y0, c0);
      c1 = x.fma(y1, c1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x3 + i * step));
      d0 = x.fma(y0, d0);
      d1 = x.fma(y1, d1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x4 + i * step));
      e0 = x.fma(y0, e0);
      e1 = x.fma(y1, e1);
      x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, x5 + i * step));
      f0 = x.fma(y0, f0);
      f1 = x.fma(y1, f1);
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
  }

  /** Multiplies {@code count} vectors. */
  static void scale(long x, int count, float factor) {
    for (int i = 0; i < count; i++) {
      long at = x + i * (long) BYTES;
      FloatVector.fromMemorySegment(F32, ALL, at, LE).mul(factor).intoMemorySegment(ALL, at, LE);
    }
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

  /** Raises {@code maxima} [ROWS] to those of a block of scores. */
  static void raise(long scores, int keys, long maxima) {
    for (int half = 0; half < STEP; half += BYTES) {
      FloatVector before = FloatVector.fromMemorySegment(F32, ALL, maxima + half, LE);
      FloatVector after = before;
      for (int s = 0; s < keys; s++) {
        after = FloatVector.fromMemorySegment(F32, ALL, scores + s * (long) STEP + half, LE).max(after);
      }
      before.max(after).intoMemorySegment(ALL, maxima + half, LE);
    }
  }

  /**
   * Replaces a block of scores by e = exp(score − maximum), and adds Σ e to {@code weights} and Σ e·slope to {@code dots},
   * both [ROWS].
   */
  static void weigh(long scores, long slopes, int keys, long maxima, long weights, long dots) {
    for (int half = 0; half < STEP; half += BYTES) {
      FloatVector max = FloatVector.fromMemorySegment(F32, ALL, maxima + half, LE);
      for (int s = 0; s < keys; s++) {
        long at = scores + s * (long) STEP + half;
        FloatVector.fromMemorySegment(F32, ALL, at, LE).sub(max).intoMemorySegment(ALL, at, LE);
      }
    }
    VectorMath.exp(scores, 0, scores, keys * ROWS);
    for (int half = 0; half < STEP; half += BYTES) {
      sums(scores + half, slopes + half, keys, weights + half, dots + half);
    }
  }

  private static void sums(long scores, long slopes, int keys, long weights, long dots) {
    FloatVector weight = FloatVector.zero(F32);
    FloatVector dot = FloatVector.zero(F32);
    for (int s = 0; s < keys; s++) {
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scores + s * (long) STEP, LE);
      weight = e.add(weight);
      dot = e.fma(FloatVector.fromMemorySegment(F32, ALL, slopes + s * (long) STEP, LE), dot);
    }
    FloatVector.fromMemorySegment(F32, ALL, weights, LE).add(weight).intoMemorySegment(ALL, weights, LE);
    FloatVector.fromMemorySegment(F32, ALL, dots, LE).add(dot).intoMemorySegment(ALL, dots, LE);
  }

  /** Makes probabilities p = e/weight of a block of e, and p·(slope − dot/weight) of the slopes. */
  static void settle(long scores, long slopes, int keys, long weights, long dots) {
    for (int half = 0; half < STEP; half += BYTES) {
      FloatVector inverse = ONE.div(FloatVector.fromMemorySegment(F32, ALL, weights + half, LE));
      FloatVector mean = FloatVector.fromMemorySegment(F32, ALL, dots + half, LE).mul(inverse);
      for (int s = 0; s < keys; s++) {
        long at = s * (long) STEP + half;
        FloatVector p = FloatVector.fromMemorySegment(F32, ALL, scores + at, LE).mul(inverse);
        p.intoMemorySegment(ALL, scores + at, LE);
        FloatVector slope = FloatVector.fromMemorySegment(F32, ALL, slopes + at, LE).sub(mean);
        slope.mul(p).intoMemorySegment(ALL, slopes + at, LE);
      }
    }
  }
}
