package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Functions of F32 that have an exponential in them, within about 2 units in the last place: a loop writes its
 * argument to scratch memory, {@link VectorMath#exp} takes the exponential there, and another loop makes the result
 * of it. The three loops stay in the first cache; together in one they would be more than C2 compiles well.
 */
final class ExpMaps {
  private static final IntVector SIGN = IntVector.broadcast(I32, 0x80000000);

  private static final FloatVector ONE = all(1);
  private static final FloatVector TWO = all(2);
  private static final FloatVector HALF = all(0.5f);

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

  private static final float SQRT_HALF = 0x1.6a09e6p-1f;
  static final float LAPLACE_MEAN = 0.707107f;
  static final float LAPLACE_SCALE = (float) (1 / (0.282095 * Math.sqrt(2)));
  private static final FloatVector GELU_1 = all(-0x1.988454p0f); // −2√(2/π)
  private static final FloatVector GELU_3 = all(-0x1.2444f2p-4f); // −2√(2/π)·0.044715
  private static final float SIGMOID_FAR = -80;
  private static final FloatVector TWENTY = all(20);

  private ExpMaps() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /** Hyperbolic tangent: x + x³·P(x²) below 0.625, else 1 − 2/(e²ˣ + 1). */
  static void tanh(long from, long to, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE).abs();
      a.add(a).intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector far = ONE.sub(TWO.div(e.add(ONE)));
      far = SIGN.and(x.reinterpretAsInts()).or(far.reinterpretAsInts()).reinterpretAsFloats();
      FloatVector s = x.mul(x);
      FloatVector p = s.fma(TANH_11, TANH_9).fma(s, TANH_7).fma(s, TANH_5).fma(s, TANH_3);
      far.blend(s.mul(x).fma(p, x), x.abs().compare(LT, TANH_NEAR)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /**
   * {@code to = erfc |(from − mean)·scale|}: exp(a·R(a)), to 2⁻²⁴ of erf for a ≥ 0.9, and to 10⁻⁴ of itself up to
   * where it vanishes.
   */
  private static void erfc(long from, float mean, float scale, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE).sub(mean).mul(scale).abs();
      FloatVector r = a.fma(ERFC_9, ERFC_8).fma(a, ERFC_7).fma(a, ERFC_6).fma(a, ERFC_5).fma(a, ERFC_4);
      r = r.fma(a, ERFC_3).fma(a, ERFC_2).fma(a, ERFC_1).mul(a);
      r.intoMemorySegment(ALL, to + 4L * i, LE);
    }
    VectorMath.exp(to, 0, to, count);
  }

  /** The error function: x + x·P(x²) below 0.94, else 1 − erfc. */
  static void erf(long from, long to, int count, long scratch) {
    erfc(from, 0, 1, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector far = ONE.sub(FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE));
      far = SIGN.and(x.reinterpretAsInts()).or(far.reinterpretAsInts()).reinterpretAsFloats();
      FloatVector s = x.mul(x);
      FloatVector p = s.fma(ERF_11, ERF_9).fma(s, ERF_7).fma(s, ERF_5).fma(s, ERF_3).fma(s, ERF_1);
      far.blend(x.fma(p, x), x.abs().compare(LT, ERF_NEAR)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** x·Φ(x). Left of −1.3 by erfc, so that the tail keeps its digits. */
  static void gelu(long from, long to, int count, long scratch) {
    normal(from, 0, SQRT_HALF, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.mul(FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** Mega's substitute for the squared ReLU: the distribution function of a normal distribution. */
  static void laplace(long from, long to, int count, long scratch) {
    normal(from, LAPLACE_MEAN, LAPLACE_SCALE, scratch, count);
    FloatMaps.copy(scratch, to, count);
  }

  /** {@code to = ½(1 + erf z)}, z = (from − mean)·scale. */
  private static void normal(long from, float mean, float scale, long to, int count) {
    erfc(from, mean, scale, to, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector z = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE).sub(mean).mul(scale);
      FloatVector tail = FloatVector.fromMemorySegment(F32, ALL, to + 4L * i, LE).mul(HALF);
      FloatVector far = ONE.sub(tail).blend(tail, z.compare(LT, 0));
      FloatVector s = z.mul(z);
      FloatVector p = s.fma(ERF_11, ERF_9).fma(s, ERF_7).fma(s, ERF_5).fma(s, ERF_3).fma(s, ERF_1);
      FloatVector near = z.fma(p, z).fma(HALF, HALF);
      far.blend(near, z.abs().compare(LT, ERF_NEAR)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** 1/(1 + e⁻ˣ), by e^−|x|, which does not overflow. */
  static void sigmoid(long from, long to, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.abs().neg().intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      ONE.blend(e, x.compare(LT, 0)).div(e.add(ONE)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** The tanh form of GELU: ½(1 + tanh u) = 1/(1 + e⁻²ᵘ), u = √(2/π)(x + 0.044715x³). */
  static void geluTanh(long from, long to, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.mul(x).fma(GELU_3, GELU_1).mul(x).intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      x.div(e.add(ONE)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /**
   * x·σ(z), z = scale·x. Far left, where eᶻ would be subnormal and lose digits that a large x brings back, x·eᶻ by two
   * factors of half the exponent.
   */
  static void silu(long from, float scale, long to, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector z = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE).mul(scale);
      FloatVector argument = z.abs().neg().blend(z.mul(HALF), z.compare(LT, SIGMOID_FAR));
      argument.intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector left = x.mul(e);
      FloatVector z = x.mul(scale);
      VectorMask<Float> negative = z.compare(LT, 0);
      FloatVector near = x.blend(left, negative).div(e.add(ONE));
      near.blend(left.mul(e), z.compare(LT, SIGMOID_FAR)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** x·tanh(ln(1 + eˣ)) = x·n/(n + 2) with n = eˣ(eˣ + 2); beyond 20 the quotient is 1. */
  static void mish(long from, long to, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.blend(TWENTY, x.compare(GT, TWENTY)).intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector n = e.mul(e.add(TWO));
      x.mul(n.div(n.add(TWO))).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }
}
