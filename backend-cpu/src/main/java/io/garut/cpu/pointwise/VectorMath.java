package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import io.garut.cpu.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The elementary functions from which the others are made, of F32 in memory, within 1 unit in the last place.
 *
 * <p>They are polynomials of operations that IEEE 754 rounds exactly (fused multiply-add, multiplication, addition,
 * division, integer shifts), so the interpreter, C1 and C2 compute the same bits; the library functions behind
 * {@code lanewise(EXP)} do not. The coefficients are minimax fits in the relative error, rounded to F32 one after
 * another from the lowest power.
 *
 * <p>Each is a loop from memory to memory. A method that takes or returns a vector is a risk: where C2 does not
 * inline it, because the loop has grown past some 60 operations or because it has compiled the method by itself
 * before, every vector becomes an object. Which of these happens differs from launch to launch. Constants are
 * vectors, since a broadcast counts as much as an operation.
 */
public final class VectorMath {
  /** Adding 1.5·2²³ leaves a float's nearest integer, ties to even, in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private static final FloatVector ROUNDER = all(ROUND);
  private static final FloatVector ONE = all(1);
  private static final FloatVector HALF = all(0.5f);

  private static final FloatVector LOG2_E = all(0x1.715476p0f);
  private static final FloatVector MINUS_LN2_HIGH = all(-0x1.62e43p-1f);
  private static final FloatVector MINUS_LN2_LOW = all(0x1.05c61p-29f);
  private static final FloatVector EXP_2 = all(0x1.fffffcp-2f);
  private static final FloatVector EXP_3 = all(0x1.55548cp-3f);
  private static final FloatVector EXP_4 = all(0x1.5558b8p-5f);
  private static final FloatVector EXP_5 = all(0x1.123e58p-7f);
  private static final FloatVector EXP_6 = all(0x1.6a4da6p-10f);
  private static final FloatVector EXP_MOST = all(89); // beyond, the result is infinite
  private static final FloatVector EXP_LEAST = all(-105); // beyond, it is 0

  private static final FloatVector LN2_HIGH = all(0x1.62e43p-1f);
  private static final FloatVector LN2_LOW = all(-0x1.05c61p-29f);
  private static final FloatVector LOG_3 = all(0x1.555548p-2f);
  private static final FloatVector LOG_4 = all(-0x1.000006p-2f);
  private static final FloatVector LOG_5 = all(0x1.99a476p-3f);
  private static final FloatVector LOG_6 = all(-0x1.555c44p-3f);
  private static final FloatVector LOG_7 = all(0x1.233ba2p-3f);
  private static final FloatVector LOG_8 = all(-0x1.fc28cap-4f);
  private static final FloatVector LOG_9 = all(0x1.e6c00ap-4f);
  private static final FloatVector LOG_10 = all(-0x1.de01dap-4f);
  private static final FloatVector LOG_11 = all(0x1.147338p-4f);

  private VectorMath() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /**
   * {@code to = exp(from − shift)}. With x = n·ln 2 + r, |r| ≤ ln 2 / 2: eˣ = 2ⁿ(1 + r + r²·Q(r)). 2ⁿ is multiplied
   * on in two halves, so that results below 2⁻¹²⁶ are rounded once and those above the range become infinite.
   *
   * @param to may equal {@code from}
   * @param count a multiple of {@link io.garut.cpu.Simd#LANES}
   */
  public static void exp(long from, float shift, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE).sub(shift);
      // NaN compares false and stays
      FloatVector c = x.blend(EXP_MOST, x.compare(GT, EXP_MOST)).blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
      FloatVector t = c.fma(LOG2_E, ROUNDER);
      FloatVector n = t.sub(ROUNDER);
      FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, c));
      FloatVector q = r.fma(EXP_6, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
      FloatVector e = r.mul(r).fma(q, r).add(ONE);
      IntVector whole = Lanes.NONE.or(t.reinterpretAsInts()).sub(Float.floatToRawIntBits(ROUND));
      IntVector half = whole.lanewise(ASHR, 1);
      IntVector rest = whole.sub(half);
      FloatVector first = half.lanewise(LSHL, 23).add(0x3f800000).reinterpretAsFloats(); // 2ⁿ: the exponent's bits
      FloatVector second = rest.lanewise(LSHL, 23).add(0x3f800000).reinterpretAsFloats();
      e.mul(first).mul(second).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /**
   * {@code to = ln from}. With x = 2ᵉ·m, √½ ≤ m &lt; √2, f = m − 1: ln x = e·ln 2 + f − f²/2 + f³·P(f).
   *
   * @param to may equal {@code from}
   * @param count a multiple of {@link io.garut.cpu.Simd#LANES}
   */
  static void log(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMask<Float> small = x.compare(LT, Float.MIN_NORMAL);
      IntVector bits = Lanes.NONE.or(x.blend(x.mul(0x1p25f), small).reinterpretAsInts());
      IntVector e = bits.sub(0x3f3504f3).lanewise(ASHR, 23); // the bits of √½
      FloatVector f = bits.sub(e.lanewise(LSHL, 23)).reinterpretAsFloats().sub(ONE);
      FloatVector whole = (FloatVector) e.convert(I2F, 0);
      FloatVector exponent = whole.blend(whole.sub(25), small);
      FloatVector p = f.fma(LOG_11, LOG_10).fma(f, LOG_9).fma(f, LOG_8).fma(f, LOG_7).fma(f, LOG_6);
      p = p.fma(f, LOG_5).fma(f, LOG_4).fma(f, LOG_3);
      FloatVector square = f.mul(f);
      FloatVector rest = exponent.fma(LN2_LOW, p.mul(f).mul(square)).sub(square.mul(HALF)).add(f);
      exponent
          .fma(LN2_HIGH, rest)
          .blend(x, x.compare(EQ, Float.POSITIVE_INFINITY))
          .blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0))
          .blend(Float.NaN, x.compare(LT, 0))
          .blend(x, x.compare(NE, x))
          .intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }
}
