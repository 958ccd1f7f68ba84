package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementary functions of F32 vectors, within about 2 units in the last place.
 *
 * <p>They are polynomials of operations that IEEE 754 rounds exactly (fused multiply-add, multiplication, addition,
 * division, integer shifts), so the interpreter, C1 and C2 compute the same bits; the library functions behind
 * {@code lanewise(EXP)} do not. The coefficients are minimax fits in the relative error, rounded to F32 one after
 * another from the lowest power.
 *
 * <p>C2 inlines these into a loop only while the loop is small (some 60 vector operations), and boxes vectors on the
 * heap where it does not. Hence constants are vectors (a broadcast costs as many nodes as an operation), {@link #exp}
 * is called early, and short sequences are written out twice rather than shared.
 */
public final class VectorMath {
  private static final int SIGN = 0x80000000;

  /** Adding 1.5·2²³ leaves a float's nearest integer, ties to even, in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private static final FloatVector ROUNDER = all(ROUND);
  private static final FloatVector ONE = all(1);
  private static final FloatVector TWO = all(2);
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

  private static final FloatVector TANH_3 = all(-0x1.555532p-2f);
  private static final FloatVector TANH_5 = all(0x1.1106f6p-3f);
  private static final FloatVector TANH_7 = all(-0x1.b835a4p-5f);
  private static final FloatVector TANH_9 = all(0x1.51f8cep-6f);
  private static final FloatVector TANH_11 = all(-0x1.750ce4p-8f);
  private static final float TANH_NEAR = 0.625f;

  private static final FloatVector ERF_1 = all(0x1.06eba6p-3f);
  private static final FloatVector ERF_3 = all(-0x1.8126dap-2f);
  private static final FloatVector ERF_5 = all(0x1.ce17f4p-4f);
  private static final FloatVector ERF_7 = all(-0x1.b663c4p-6f);
  private static final FloatVector ERF_9 = all(0x1.4647dcp-8f);
  private static final FloatVector ERF_11 = all(-0x1.361b62p-11f);
  private static final float ERF_NEAR = 0.94f;

  private static final FloatVector ERFC_1 = all(-0x1.20f748p0f);
  private static final FloatVector ERFC_2 = all(-0x1.44e586p-1f);
  private static final FloatVector ERFC_3 = all(-0x1.b7b65p-4f);
  private static final FloatVector ERFC_4 = all(0x1.9747a2p-6f);
  private static final FloatVector ERFC_5 = all(-0x1.15f762p-8f);
  private static final FloatVector ERFC_6 = all(0x1.07a54cp-11f);
  private static final FloatVector ERFC_7 = all(-0x1.43fd9ep-15f);
  private static final FloatVector ERFC_8 = all(0x1.cb8e2p-20f);
  private static final FloatVector ERFC_9 = all(-0x1.1bfb6p-25f);

  private static final FloatVector SQRT_HALF = all(0x1.6a09e6p-1f);
  private static final FloatVector GELU_1 = all(-0x1.988454p0f); // −2√(2/π)
  private static final FloatVector GELU_3 = all(-0x1.2444f2p-4f); // −2√(2/π)·0.044715
  private static final float SIGMOID_FAR = -80;
  private static final FloatVector TWENTY = all(20);

  private VectorMath() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /**
   * eˣ. x = n·ln 2 + r, |r| ≤ ln 2 / 2: eˣ = 2ⁿ(1 + r + r²·Q(r)). 2ⁿ is multiplied on in two halves, so that results
   * below 2⁻¹²⁶ are rounded once and those above the range become infinite.
   */
  public static FloatVector exp(FloatVector x) {
    // NaN compares false and stays
    FloatVector c = x.blend(EXP_MOST, x.compare(GT, EXP_MOST)).blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
    FloatVector t = c.fma(LOG2_E, ROUNDER);
    FloatVector n = t.sub(ROUNDER);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, c));
    FloatVector q = r.fma(EXP_6, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
    FloatVector e = r.mul(r).fma(q, r).add(ONE);
    IntVector whole = t.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector half = whole.lanewise(ASHR, 1);
    IntVector rest = whole.sub(half);
    FloatVector first = half.lanewise(LSHL, 23).add(0x3f800000).reinterpretAsFloats(); // 2ⁿ: the exponent's bits
    FloatVector second = rest.lanewise(LSHL, 23).add(0x3f800000).reinterpretAsFloats();
    return e.mul(first).mul(second);
  }

  /** Natural logarithm. x = 2ᵉ·m, √½ ≤ m &lt; √2, f = m − 1: ln x = e·ln 2 + f − f²/2 + f³·P(f). */
  public static FloatVector log(FloatVector x) {
    VectorMask<Float> small = x.compare(LT, Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(0x1p25f), small).reinterpretAsInts();
    IntVector e = bits.sub(0x3f3504f3).lanewise(ASHR, 23); // the bits of √½
    FloatVector f = bits.sub(e.lanewise(LSHL, 23)).reinterpretAsFloats().sub(ONE);
    FloatVector whole = (FloatVector) e.convert(I2F, 0);
    FloatVector exponent = whole.blend(whole.sub(25), small);
    FloatVector p = f.fma(LOG_11, LOG_10).fma(f, LOG_9).fma(f, LOG_8).fma(f, LOG_7).fma(f, LOG_6);
    p = p.fma(f, LOG_5).fma(f, LOG_4).fma(f, LOG_3);
    FloatVector square = f.mul(f);
    FloatVector rest = exponent.fma(LN2_LOW, p.mul(f).mul(square)).sub(square.mul(HALF)).add(f);
    return exponent
        .fma(LN2_HIGH, rest)
        .blend(x, x.compare(EQ, Float.POSITIVE_INFINITY))
        .blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0))
        .blend(Float.NaN, x.compare(LT, 0))
        .blend(x, x.compare(NE, x));
  }

  /** Hyperbolic tangent: x + x³·P(x²) below 0.625, else 1 − 2/(e²ˣ + 1). */
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector far = ONE.sub(TWO.div(exp(a.add(a)).add(ONE)));
    far = far.reinterpretAsInts().or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    FloatVector s = x.mul(x);
    FloatVector p = s.fma(TANH_11, TANH_9).fma(s, TANH_7).fma(s, TANH_5).fma(s, TANH_3);
    return far.blend(s.mul(x).fma(p, x), a.compare(LT, TANH_NEAR));
  }

  /** The error function: x + x·P(x²) below 0.94, else 1 − erfc. */
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector far = ONE.sub(exp(logErfc(a)));
    far = far.reinterpretAsInts().or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    FloatVector s = x.mul(x);
    FloatVector p = s.fma(ERF_11, ERF_9).fma(s, ERF_7).fma(s, ERF_5).fma(s, ERF_3).fma(s, ERF_1);
    return far.blend(x.fma(p, x), a.compare(LT, ERF_NEAR));
  }

  /** ln erfc(a) for a ≥ 0.9: erfc to 2⁻²⁴ of erf, and to 10⁻⁴ of itself up to where it vanishes. */
  private static FloatVector logErfc(FloatVector a) {
    FloatVector r = a.fma(ERFC_9, ERFC_8).fma(a, ERFC_7).fma(a, ERFC_6).fma(a, ERFC_5).fma(a, ERFC_4);
    return r.fma(a, ERFC_3).fma(a, ERFC_2).fma(a, ERFC_1).mul(a);
  }

  /** 1/(1 + e⁻ˣ), by e^−|x|, which does not overflow. */
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return ONE.blend(e, x.compare(LT, 0)).div(e.add(ONE));
  }

  /** ½(1 + erf z) = Φ(z√2), Φ the normal distribution. Left of −0.94 by erfc, so that the tail keeps its digits. */
  public static FloatVector normal(FloatVector z) {
    FloatVector a = z.abs();
    FloatVector tail = exp(logErfc(a)).mul(HALF);
    FloatVector far = ONE.sub(tail).blend(tail, z.compare(LT, 0));
    FloatVector s = z.mul(z);
    FloatVector p = s.fma(ERF_11, ERF_9).fma(s, ERF_7).fma(s, ERF_5).fma(s, ERF_3).fma(s, ERF_1);
    return far.blend(z.fma(p, z).fma(HALF, HALF), a.compare(LT, ERF_NEAR));
  }

  /** x·Φ(x). */
  public static FloatVector gelu(FloatVector x) {
    return x.mul(normal(x.mul(SQRT_HALF)));
  }

  /** The tanh form of GELU: ½(1 + tanh u) = 1/(1 + e⁻²ᵘ), u = √(2/π)(x + 0.044715x³). */
  public static FloatVector geluTanh(FloatVector x) {
    return x.div(exp(x.mul(x).fma(GELU_3, GELU_1).mul(x)).add(ONE));
  }

  /**
   * x·σ(z), z = scale·x. Far left, where eᶻ would be subnormal and lose digits that a large x brings back, x·eᶻ by
   * two factors of half the exponent.
   */
  public static FloatVector silu(FloatVector x, float scale) {
    FloatVector z = x.mul(scale);
    VectorMask<Float> far = z.compare(LT, SIGMOID_FAR);
    FloatVector e = exp(z.abs().neg().blend(z.mul(HALF), far));
    FloatVector near = x.blend(x.mul(e), z.compare(LT, 0)).div(e.add(ONE));
    return near.blend(x.mul(e).mul(e), far);
  }

  /** x·tanh(ln(1 + eˣ)) = x·n/(n + 2) with n = eˣ(eˣ + 2); beyond 20 the quotient is 1. */
  public static FloatVector mish(FloatVector x) {
    FloatVector e = exp(x.blend(TWENTY, x.compare(GT, TWENTY)));
    FloatVector n = e.mul(e.add(TWO));
    return x.mul(n.div(n.add(TWO)));
  }
}
