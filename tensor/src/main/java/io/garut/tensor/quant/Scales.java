package io.garut.tensor.quant;

import io.garut.tensor.DType;

/** What the quantisers share about a block's scale. */
final class Scales {
  private Scales() {}

  /**
   * {@code scale} as F16.
   *
   * @throws ArithmeticException naming the first value at fault in the block that starts at {@code start}
   */
  static short toF16(float scale, DType type, float[] block, int start) {
    short bits = Float.floatToFloat16(scale);
    if ((bits & 0x7c00) != 0x7c00) {
      return bits;
    }
    for (int i = start; i < start + type.blockSize(); i++) {
      if (!Float.isFinite(block[i])) {
        throw new ArithmeticException("cannot quantise " + block[i] + " to " + type + "; repair the weights first");
      }
    }
    throw new ArithmeticException(
        "the values are too large for " + type + ": the scale " + scale + " passes F16's 65504; keep F32");
  }

  /** 1/scale; 0 where that would be infinite: so small a scale is 0 in F16 anyway. */
  static float inverse(float scale) {
    float inverse = 1 / scale;
    return Float.isInfinite(inverse) ? 0 : inverse;
  }
}
