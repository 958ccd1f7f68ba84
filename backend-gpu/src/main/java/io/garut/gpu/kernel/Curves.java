package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Activations and their slopes, by their ordinals in {@link io.garut.tensor.op.Activation}. No case of a switch may be left
 * out: TornadoVM then loses those after it.
 */
final class Curves {
  private static final float SQRT_HALF = 0.70710678f;
  private static final float ROOT = 0.79788456f; // √(2/π)
  private static final float CUBE = 0.044715f;
  private static final float LAPLACE_MEAN = 0.707107f;
  private static final float LAPLACE_SCALE = 2.5066264f; // 1/(0.282095·√2)
  private static final float LAPLACE_DENSITY = 1.4142125f; // 1/(0.282095·√(2π))
  private static final float DENSITY = 0.39894228f; // 1/√(2π)
  private static final float SIGMOID_FAR = -80f;

  private Curves() {}

  static float value(int which, float x) {
    float y = x;
    switch (which) {
      case 1: // GELU
        y = gelu(x);
        break;
      case 2: // GELU_TANH
        y = geluTanh(x);
        break;
      case 3: // GELU_10
        y = Functions.clip(gelu(x), -10f, 10f);
        break;
      case 4: // QUICK_GELU
        y = silu(x, 1.702f);
        break;
      case 5: // RELU
        y = Functions.larger(x, 0f);
        break;
      case 6: // RELU2
        y = Functions.larger(x, 0f) * Functions.larger(x, 0f);
        break;
      case 7: // RELU6
        y = Functions.clip(x, 0f, 6f);
        break;
      case 8: // LEAKY_RELU
        y = x < 0f ? x * 0.01f : x;
        break;
      case 9: // SILU
        y = silu(x, 1f);
        break;
      case 10: // SIGMOID
        y = Functions.sigmoid(x);
        break;
      case 11: // TANH
        y = Functions.hyperbolic(x);
        break;
      case 12: // MISH
        y = x * tanhOfSoftplus(x);
        break;
      case 13: // LAPLACE
        y = Functions.normal((x - LAPLACE_MEAN) * LAPLACE_SCALE);
        break;
      case 14: // HARDSWISH
        y = Functions.clip(x + 3f, 0f, 6f) / 6f * x;
        break;
      default:
        break;
    }
    return y;
  }

  /** The derivative; where it jumps, the left one. */
  static float slope(int which, float x) {
    float y = 1f;
    switch (which) {
      case 1:
        y = geluSlope(x);
        break;
      case 2: {
        float half = Functions.sigmoid(2f * ROOT * (x + CUBE * x * x * x));
        y = half + 2f * x * half * (1f - half) * ROOT * (1f + 3f * CUBE * x * x);
        break;
      }
      case 3:
        y = TornadoMath.abs(gelu(x)) > 10f ? 0f : geluSlope(x);
        break;
      case 4:
        y = Functions.sigmoid(1.702f * x) * (1f + 1.702f * x * (1f - Functions.sigmoid(1.702f * x)));
        break;
      case 5:
        y = x > 0f ? 1f : 0f;
        break;
      case 6:
        y = 2f * Functions.larger(x, 0f);
        break;
      case 7:
        y = x > 0f && x < 6f ? 1f : 0f;
        break;
      case 8:
        y = x > 0f ? 1f : 0.01f;
        break;
      case 9:
        y = Functions.sigmoid(x) * (1f + x * (1f - Functions.sigmoid(x)));
        break;
      case 10:
        y = Functions.sigmoid(x) * (1f - Functions.sigmoid(x));
        break;
      case 11: {
        float tanh = Functions.hyperbolic(x);
        y = 1f - tanh * tanh;
        break;
      }
      case 12: {
        float tanh = tanhOfSoftplus(x);
        y = tanh + x * Functions.sigmoid(x) * (1f - tanh * tanh);
        break;
      }
      case 13: {
        float z = (x - LAPLACE_MEAN) * LAPLACE_SCALE;
        y = TornadoMath.exp(-z * z) * LAPLACE_DENSITY;
        break;
      }
      case 14:
        y = x <= -3f ? 0f : x < 3f ? (2f * x + 3f) / 6f : 1f;
        break;
      default:
        break;
    }
    return y;
  }

  /** x·Φ(x). */
  private static float gelu(float x) {
    return x * Functions.normal(x * SQRT_HALF);
  }

  private static float geluSlope(float x) {
    return Functions.normal(x * SQRT_HALF) + x * TornadoMath.exp(-0.5f * x * x) * DENSITY;
  }

  /** ½x(1 + tanh u) = x/(1 + e⁻²ᵘ), u = √(2/π)(x + 0.044715x³). */
  private static float geluTanh(float x) {
    float u = (x * x * -0x1.2444f2p-4f + -0x1.988454p0f) * x;
    return x / (TornadoMath.exp(u) + 1f);
  }

  /**
   * x·σ(z), z = scale·x. Far left, where eᶻ would be subnormal and lose digits that a large x brings back, x·eᶻ by two factors
   * of half the exponent.
   */
  private static float silu(float x, float scale) {
    float z = x * scale;
    boolean far = z < SIGMOID_FAR;
    float e = TornadoMath.exp(far ? z * 0.5f : -TornadoMath.abs(z));
    float left = x * e;
    float above = z < 0f ? left : x;
    return far ? left * e : above / (e + 1f);
  }

  /** tanh(ln(1 + eˣ)) = n/(n + 2), n = eˣ(eˣ + 2); beyond 20 it is 1. */
  private static float tanhOfSoftplus(float x) {
    float e = TornadoMath.exp(x > 20f ? 20f : x);
    float n = e * (e + 2f);
    return n / (n + 2f);
  }
}
