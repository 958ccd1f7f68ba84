package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 256 weights in 176 bytes: {@code d} and {@code dmin} (F16), eight 6-bit scales and minima in 12 bytes as in {@link
 * Q4_K}, {@code h[32]} and {@code q[128]}. Bit j of {@code h[i]} is the fifth bit of weight i of sub-block j; the
 * nibbles lie as in {@link Q4_K}.
 *
 * <pre>w[i] = (d · scale[i / 32]) · (q[i] | h[i] · 16) − dmin · min[i / 32]</pre>
 */
final class Q5_K implements BlockFormat {
  static final Q5_K FORMAT = new Q5_K();

  private static final int SIZE = 256;
  private static final int BYTES = 176;

  private Q5_K() {}

  @Override
  public DType dtype() {
    return DType.Q5_K;
  }

  @Override
  public DType partner() {
    return DType.Q8_0;
  }

  @Override
  public void decode(byte[] source, int sourceOffset, float[] target, int targetOffset, int blocks) {
    Objects.checkFromIndexSize(sourceOffset, blocks * (long) BYTES, source.length);
    for (int b = 0; b < blocks; b++) {
      int s = sourceOffset + b * BYTES;
      int t = targetOffset + b * SIZE;
      float d = Half.f16(source, s);
      float dmin = Half.f16(source, s + 2);
      for (int j = 0; j < 8; j++) {
        float scale = d * Q4_K.scale(source, s + 4, j);
        float min = dmin * Q4_K.min(source, s + 4, j);
        int high = s + 16;
        int from = s + 48 + (j >> 1) * 32;
        int to = t + j * 32;
        int shift = (j & 1) * 4;
        for (int i = 0; i < 32; i++) {
          int q = source[from + i] >> shift & 15 | (source[high + i] >> j & 1) << 4;
          target[to + i] = scale * q - min;
        }
      }
    }
  }
}
