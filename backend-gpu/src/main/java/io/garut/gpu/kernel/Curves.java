package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Activations and their slopes, by their ordinals in {@link io.garut.tensor.op.Activation}. */
final class Curves {
  private static final float SQRT_HALF = 0.70710678f;
  private static final float ROOT = 0.79788456f; // √(2/π)
  private static final float CUBE = 0.044715f;
  private static final float LAPLACE_MEAN = 0.707107f;
  private static final float LAPLACE_SCALE = 2.5066264f; // 1/(0.282095·√2)
  private static final float LAPLACE_DENSITY = 1.4142125f; // 1/(0.282095·√(2π))
  private static final float DENSITY = 0.39894228f; // 1/√(2π)

  private Curves() {}

  static float value(int which, float x) {
    float y = x;
    switch (which) {
      case 1:
        y = x * normal(x * SQRT_HALF);
        break;
      case 2:
        y = x * sigmoid(2f * ROOT * (x + CUBE * x * x * x));
        break;
      case 3:
        y = TornadoMath.min(TornadoMath.max(x * normal(x * SQRT_HALF), -10f), 10f);
        break;
      case 4:
        y = x * sigmoid(1.702f * x);
        break;
      case 5:
        y = TornadoMath.max(x, 0f);
        break;
      case 6:
        y = TornadoMath.max(x, 0f) * TornadoMath.max(x, 0f);
        break;
      case 7:
        y = TornadoMath.min(TornadoMath.max(x, 0f), 6f);
        break;
      case 8:
        y = x < 0f ? 0.01f * x : x;
        break;
      case 9:
        y = x * sigmoid(x);
        break;
      case 10:
        y = sigmoid(x);
        break;
      case 11:
        y = TornadoMath.tanh(x);
        break;
      case 12:
        y = x * tanhOfSoftplus(x);
        break;
      case 13:
        y = normal((x - LAPLACE_MEAN) * LAPLACE_SCALE);
        break;
      case 14:
        y = x * TornadoMath.min(TornadoMath.max(x + 3f, 0f), 6f) / 6f;
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
        float half = sigmoid(2f * ROOT * (x + CUBE * x * x * x));
        y = half + 2f * x * half * (1f - half) * ROOT * (1f + 3f * CUBE * x * x);
        break;
      }
      case 3:
        y = TornadoMath.abs(x * normal(x * SQRT_HALF)) > 10f ? 0f : geluSlope(x);
        break;
      case 4:
        y = sigmoid(1.702f * x) * (1f + 1.702f * x * (1f - sigmoid(1.702f * x)));
        break;
      case 5:
        y = x > 0f ? 1f : 0f;
        break;
      case 6:
        y = 2f * TornadoMath.max(x, 0f);
        break;
      case 7:
        y = x > 0f && x < 6f ? 1f : 0f;
        break;
      case 8:
        y = x > 0f ? 1f : 0.01f;
        break;
      case 9:
        y = sigmoid(x) * (1f + x * (1f - sigmoid(x)));
        break;
      case 10:
        y = sigmoid(x) * (1f - sigmoid(x));
        break;
      case 11: {
        float tanh = TornadoMath.tanh(x);
        y = 1f - tanh * tanh;
        break;
      }
      case 12: {
        float tanh = tanhOfSoftplus(x);
        y = tanh + x * sigmoid(x) * (1f - tanh * tanh);
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

  /** 1/(1 + e⁻ˣ). */
  private static float sigmoid(float x) {
    float e = TornadoMath.exp(-TornadoMath.abs(x)); // does not overflow
    return (x < 0f ? e : 1f) / (1f + e);
  }

  /** tanh(ln(1 + eˣ)) = n/(n + 2), n = eˣ(eˣ + 2). */
  private static float tanhOfSoftplus(float x) {
    float e = TornadoMath.exp(TornadoMath.min(x, 20f));
    float n = e * (e + 2f);
    return n / (n + 2f);
  }

  private static float geluSlope(float x) {
    return normal(x * SQRT_HALF) + x * TornadoMath.exp(-0.5f * x * x) * DENSITY;
  }

  /** ½(1 + erf z): z + z·P(z²) below 0.94, else by erfc = exp(a·R(a)), which keeps its digits in the tail. */
  private static float normal(float z) {
    float a = TornadoMath.abs(z);
    float r = -0x1.1bfb6p-25f;
    r = r * a + 0x1.cb8e2p-20f;
    r = r * a - 0x1.43fd9ep-15f;
    r = r * a + 0x1.07a54cp-11f;
    r = r * a - 0x1.15f762p-8f;
    r = r * a + 0x1.9747a2p-6f;
    r = r * a - 0x1.b7b65p-4f;
    r = r * a - 0x1.44e586p-1f;
    r = r * a - 0x1.20f748p0f;
    float tail = 0.5f * TornadoMath.exp(r * a);
    float t = z * z;
    float p = -0x1.361b62p-11f;
    p = p * t + 0x1.4647dcp-8f;
    p = p * t - 0x1.b663c4p-6f;
    p = p * t + 0x1.ce17f4p-4f;
    p = p * t - 0x1.8126dap-2f;
    p = p * t + 0x1.06eba6p-3f;
    float near = 0.5f + 0.5f * (z + z * p);
    float far = z < 0f ? tail : 1f - tail;
    return a < 0.94f ? near : far;
  }
}
