package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Functions of F32 within a few units in the last place, by the exponential and polynomials (those of the standard backend):
 * the device's own are less exact, or not there.
 */
final class Functions {
  private static final float TANH_NEAR = 0.625f;
  private static final float ERF_NEAR = 0.94f;
  private static final float SQRT_HALF = 0x1.6a09e6p-1f;
  private static final float LAPLACE_MEAN = 0.707107f;
  private static final float LAPLACE_SCALE = 2.5066283f; // 1/(0.282095·√2)
  private static final float SIGMOID_FAR = -80f;
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
  private static float normal(float z) {
    float half = tail(z) * 0.5f;
    float far = z < 0f ? half : 1f - half;
    float close = (z * near(z) + z) * 0.5f + 0.5f;
    return TornadoMath.abs(z) < ERF_NEAR ? close : far;
  }

  /** x·Φ(x). */
  static float gelu(float x) {
    return x * normal(x * SQRT_HALF);
  }

  /** ½x(1 + tanh u) = x/(1 + e⁻²ᵘ), u = √(2/π)(x + 0.044715x³). */
  static float geluTanh(float x) {
    float u = (x * x * -0x1.2444f2p-4f + -0x1.988454p0f) * x;
    return x / (TornadoMath.exp(u) + 1f);
  }

  /** The distribution function of a normal distribution. */
  static float laplace(float x) {
    return normal((x - LAPLACE_MEAN) * LAPLACE_SCALE);
  }

  /** 1/(1 + e⁻ˣ), by e^−|x|, which does not overflow. */
  static float sigmoid(float x) {
    float e = TornadoMath.exp(-TornadoMath.abs(x));
    float above = x < 0f ? e : 1f;
    return above / (e + 1f);
  }

  /**
   * x·σ(z), z = scale·x. Far left, where eᶻ would be subnormal and lose digits that a large x brings back, x·eᶻ by two factors
   * of half the exponent.
   */
  static float silu(float x, float scale) {
    float z = x * scale;
    boolean far = z < SIGMOID_FAR;
    float e = TornadoMath.exp(far ? z * 0.5f : -TornadoMath.abs(z));
    float left = x * e;
    float above = z < 0f ? left : x;
    return far ? left * e : above / (e + 1f);
  }

  /** x·tanh(ln(1 + eˣ)) = x·n/(n + 2) with n = eˣ(eˣ + 2); beyond 20 the quotient is 1. */
  static float mish(float x) {
    float e = TornadoMath.exp(x > 20f ? 20f : x);
    float n = e * (e + 2f);
    return x * (n / (n + 2f));
  }

  /** x·min(max(x + 3, 0), 6)/6. */
  static float hardSwish(float x) {
    return clip(x + 3f, 0f, 6f) / 6f * x;
  }

  /** Within {@code least} and {@code most}; 0 rather than −0. */
  static float clip(float x, float least, float most) {
    return x < least ? least : x > most ? most : x + 0f;
  }
}
