package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Functions of F32 within a few units in the last place, by the exponential and polynomials (those of the standard backend):
 * the device's own are less exact, or not there.
 */
final class Functions {
  private static final float TANH_NEAR = 0.625f;
  private static final float ERF_NEAR = 0.94f;
  private static final float WHOLE = 8388608f; // from 2²³ on all are whole

  private Functions() {}

  /** The larger; NaN if either is; 0 is above −0. */
  static float larger(float a, float b) {
    float both = a == 0f ? a + b : a;
    return a == b ? both : a > b ? a : b > a ? b : a + b;
  }

  /** The smaller; NaN if either is; −0 is below 0. */
  static float smaller(float a, float b) {
    float both = a == 0f ? -(-a + -b) : a;
    return a == b ? both : a < b ? a : b < a ? b : a + b;
  }

  /** Nearest whole number, ties to even. */
  static float nearest(float x) {
    float size = TornadoMath.abs(x);
    float whole = size + WHOLE - WHOLE;
    return x == 0f ? x : size < WHOLE ? x < 0f ? -whole : whole : x;
  }

  /** −1, x or 1. */
  static float sign(float x) {
    return x > 0f ? 1f : x < 0f ? -1f : x;
  }

  /** aᵇ; unlike C's, NaN where b is, and for ±1 to the power of an infinity. */
  static float power(float a, float b) {
    boolean endless = TornadoMath.abs(a) == 1f && b - b != 0f;
    return endless ? b - b : TornadoMath.pow(a, b);
  }

  /** x + x³·P(x²) below 0.625, else 1 − 2/(e²ˣ + 1). */
  static float hyperbolic(float x) {
    float size = TornadoMath.abs(x);
    float far = 1f - 2f / (TornadoMath.exp(size + size) + 1f);
    float q = x * x;
    float r = -0x1.750ce4p-8f;
    r = r * q + 0x1.51f8cep-6f;
    r = r * q + -0x1.b835a4p-5f;
    r = r * q + 0x1.1106f6p-3f;
    r = r * q + -0x1.555532p-2f;
    return size < TANH_NEAR ? q * x * r + x : x < 0f ? -far : far;
  }

  /** erfc |z|: exp(a·R(a)), to 2⁻²⁴ of erf for a ≥ 0.9, and to 10⁻⁴ of itself up to where it vanishes. */
  private static float tail(float z) {
    float a = TornadoMath.abs(z);
    float r = -0x1.1bfb6p-25f;
    r = r * a + 0x1.cb8e2p-20f;
    r = r * a + -0x1.43fd9ep-15f;
    r = r * a + 0x1.07a54cp-11f;
    r = r * a + -0x1.15f762p-8f;
    r = r * a + 0x1.9747a2p-6f;
    r = r * a + -0x1.b7b65p-4f;
    r = r * a + -0x1.44e586p-1f;
    r = r * a + -0x1.20f748p0f;
    return TornadoMath.exp(r * a);
  }

  /** erf(z)/z − 1 near 0. */
  private static float near(float z) {
    float q = z * z;
    float r = -0x1.361b62p-11f;
    r = r * q + 0x1.4647dcp-8f;
    r = r * q + -0x1.b663c4p-6f;
    r = r * q + 0x1.ce17f4p-4f;
    r = r * q + -0x1.8126dap-2f;
    return r * q + 0x1.06eba6p-3f;
  }

  /** The error function. */
  static float errorFunction(float x) {
    float far = 1f - tail(x);
    float close = x * near(x) + x;
    return TornadoMath.abs(x) < ERF_NEAR ? close : x < 0f ? -far : far;
  }

  /** ½(1 + erf z); left of −0.94 by erfc, so that the tail keeps its digits. */
  static float normal(float z) {
    float half = tail(z) * 0.5f;
    float far = z < 0f ? half : 1f - half;
    float close = (z * near(z) + z) * 0.5f + 0.5f;
    return TornadoMath.abs(z) < ERF_NEAR ? close : far;
  }

  /** 1/(1 + e⁻ˣ), by e^−|x|, which does not overflow. */
  static float sigmoid(float x) {
    float e = TornadoMath.exp(-TornadoMath.abs(x));
    float above = x < 0f ? e : 1f;
    return above / (e + 1f);
  }

  /** Within {@code least} and {@code most}; 0 rather than −0. */
  static float clip(float x, float least, float most) {
    return x < least ? least : x > most ? most : x + 0f;
  }
}
