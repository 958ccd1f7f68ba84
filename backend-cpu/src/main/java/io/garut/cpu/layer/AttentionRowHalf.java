package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.pointwise.HalfFloats.HALF;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.S2I;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.cpu.reduction.Folds;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * {@link AttentionRow} on keys and values in F16, decoded on the way.
 *
 * <p>The bits of a half, moved to where a float has them, are its value times 2⁻¹¹², subnormals included. The missing
 * power is made up in two exact steps, 2⁶⁰ in what the value is multiplied by and 2⁵² in the sum. Infinities and NaN
 * come out wrong: their exponent, all ones, plus one carries into bit 28, which is looked at in the end; the caller
 * then takes the slow way.
 */
final class AttentionRowHalf {
  /** What queries are multiplied by. */
  static final float BEFORE = 0x1p60f;

  /** What sums are multiplied by. */
  static final float AFTER = 0x1p52f;

  private static final int BITS = 0x8fffe000;
  private static final int ONE = 0x00800000;
  private static final IntVector CARRY = IntVector.broadcast(I32, 0x10000000);

  private AttentionRowHalf() {}

  /**
   * {@code to[s] = q · k[s]}, where q holds {@link #BEFORE} times the query.
   *
   * @param lanes room for {@link AttentionRow#BLOCK} vectors
   * @return whether all keys are finite; if not, what was written is wrong
   */
  static boolean scores(long q, long k, long stride, int size, int keys, long lanes, long to) {
    boolean finite = true;
    for (int s = 0; s < keys; s += AttentionRow.BLOCK) {
      int now = Math.min(AttentionRow.BLOCK, keys - s);
      Lanes.clear(lanes, now);
      finite &= dots(q, k + s * stride, stride, size, now, lanes);
      Folds.laneSums(lanes, now, AFTER, to + 4L * s);
    }
    return finite;
  }

  /**
   * Adds the lanes of dot products, four vectors of the query at a time in registers. Adding the lanes up here would
   * be more than C2 inlines.
   */
  private static boolean dots(long q, long k, long stride, int size, int keys, long to) {
    boolean finite = true;
    int i = 0;
    for (; i <= size - 4 * LANES; i += 4 * LANES) {
      finite &= dotFour(q + 4L * i, k + 2L * i, stride, keys, to);
    }
    for (; i < size; i += LANES) {
      finite &= dotOne(q + 4L * i, k + 2L * i, stride, keys, to);
    }
    return finite;
  }

  private static boolean dotFour(long q, long k, long stride, int keys, long to) {
    FloatVector x0 = FloatVector.fromMemorySegment(F32, ALL, q, LE);
    FloatVector x1 = FloatVector.fromMemorySegment(F32, ALL, q + Simd.BYTES, LE);
    FloatVector x2 = FloatVector.fromMemorySegment(F32, ALL, q + 2L * Simd.BYTES, LE);
    FloatVector x3 = FloatVector.fromMemorySegment(F32, ALL, q + 3L * Simd.BYTES, LE);
    IntVector bits = IntVector.broadcast(I32, BITS); // and(int) would be more than C2 always inlines
    IntVector seen = IntVector.zero(I32);
    for (int s = 0; s < keys; s++) {
      long at = k + s * stride;
      IntVector h0 =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at, LE).convertShape(S2I, I32, 0);
      h0 = Lanes.NONE.or(h0).lanewise(LSHL, 13).and(bits);
      IntVector h1 =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 2L * LANES, LE).convertShape(S2I, I32, 0);
      h1 = Lanes.NONE.or(h1).lanewise(LSHL, 13).and(bits);
      IntVector h2 =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 4L * LANES, LE).convertShape(S2I, I32, 0);
      h2 = Lanes.NONE.or(h2).lanewise(LSHL, 13).and(bits);
      IntVector h3 =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 6L * LANES, LE).convertShape(S2I, I32, 0);
      h3 = Lanes.NONE.or(h3).lanewise(LSHL, 13).and(bits);
      seen = h0.add(ONE).or(h1.add(ONE)).or(h2.add(ONE).or(h3.add(ONE))).or(seen);
      FloatVector a = h1.reinterpretAsFloats().fma(x1, h0.reinterpretAsFloats().mul(x0));
      FloatVector b = h3.reinterpretAsFloats().fma(x3, h2.reinterpretAsFloats().mul(x2));
      long lanes = to + s * (long) Simd.BYTES;
      FloatVector.fromMemorySegment(F32, ALL, lanes, LE).add(a.add(b)).intoMemorySegment(ALL, lanes, LE);
    }
    return !CARRY.and(seen).compare(NE, 0).anyTrue();
  }

  private static boolean dotOne(long q, long k, long stride, int keys, long to) {
    FloatVector x = FloatVector.fromMemorySegment(F32, ALL, q, LE);
    IntVector bits = IntVector.broadcast(I32, BITS); // and(int) would be more than C2 always inlines
    IntVector seen = IntVector.zero(I32);
    for (int s = 0; s < keys; s++) {
      IntVector h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, k + s * stride, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      long lanes = to + s * (long) Simd.BYTES;
      FloatVector before = FloatVector.fromMemorySegment(F32, ALL, lanes, LE);
      h.reinterpretAsFloats().fma(x, before).intoMemorySegment(ALL, lanes, LE);
    }
    return !CARRY.and(seen).compare(NE, 0).anyTrue();
  }

  /**
   * {@code out += Σ p[s] · v[s] / }{@link #AFTER}.
   *
   * @return whether all values are finite; if not, what was written is wrong
   */
  static boolean addValues(long p, long v, long stride, int size, int keys, long out) {
    boolean finite = true;
    int i = 0;
    for (; i <= size - 4 * LANES; i += 4 * LANES) {
      finite &= addFour(p, v + 2L * i, stride, keys, out + 4L * i);
    }
    for (; i < size; i += LANES) {
      finite &= addOne(p, v + 2L * i, stride, keys, out + 4L * i);
    }
    return finite;
  }

  private static boolean addFour(long p, long v, long stride, int keys, long out) {
    IntVector bits = IntVector.broadcast(I32, BITS); // and(int) would be more than C2 always inlines
    IntVector seen = IntVector.zero(I32);
    FloatVector a = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    FloatVector b = FloatVector.fromMemorySegment(F32, ALL, out + Simd.BYTES, LE);
    FloatVector c = FloatVector.fromMemorySegment(F32, ALL, out + 2L * Simd.BYTES, LE);
    FloatVector d = FloatVector.fromMemorySegment(F32, ALL, out + 3L * Simd.BYTES, LE);
    for (int s = 0; s < keys; s++) {
      long at = v + s * stride;
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, p + 4L * s) * BEFORE);
      IntVector h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      a = h.reinterpretAsFloats().fma(x, a);
      h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 2L * LANES, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      b = h.reinterpretAsFloats().fma(x, b);
      h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 4L * LANES, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      c = h.reinterpretAsFloats().fma(x, c);
      h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, at + 6L * LANES, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      d = h.reinterpretAsFloats().fma(x, d);
    }
    Lanes.ZERO.add(a).intoMemorySegment(ALL, out, LE);
    Lanes.ZERO.add(b).intoMemorySegment(ALL, out + Simd.BYTES, LE);
    Lanes.ZERO.add(c).intoMemorySegment(ALL, out + 2L * Simd.BYTES, LE);
    Lanes.ZERO.add(d).intoMemorySegment(ALL, out + 3L * Simd.BYTES, LE);
    return !CARRY.and(seen).compare(NE, 0).anyTrue();
  }

  private static boolean addOne(long p, long v, long stride, int keys, long out) {
    IntVector bits = IntVector.broadcast(I32, BITS); // and(int) would be more than C2 always inlines
    IntVector seen = IntVector.zero(I32);
    FloatVector a = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    for (int s = 0; s < keys; s++) {
      FloatVector x = FloatVector.broadcast(F32, ALL.get(Simd.FLOAT, p + 4L * s) * BEFORE);
      IntVector h = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, v + s * stride, LE).convertShape(S2I, I32, 0);
      h = Lanes.NONE.or(h).lanewise(LSHL, 13).and(bits);
      seen = h.add(ONE).or(seen);
      a = h.reinterpretAsFloats().fma(x, a);
    }
    Lanes.ZERO.add(a).intoMemorySegment(ALL, out, LE);
    return !CARRY.and(seen).compare(NE, 0).anyTrue();
  }
}
