package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 256 weights in 144 bytes: {@code d} and {@code dmin} (F16), eight 6-bit scales and minima in 12 bytes, {@code
 * q[128]}. Each 32 bytes of {@code q} hold two sub-blocks of 32 weights: the first in the lower nibbles, the second in
 * the upper ones.
 *
 * <pre>w[i] = (d · scale[i / 32]) · q[i] − dmin · min[i / 32]</pre>
 */
final class Q4_K implements BlockFormat {
  static final Q4_K FORMAT = new Q4_K();

  private static final int SIZE = 256;
  private static final int BYTES = 144;

  private Q4_K() {}

  @Override
  public DType dtype() {
    return DType.Q4_K;
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
        float scale = d * scale(source, s + 4, j);
        float min = dmin * min(source, s + 4, j);
        int from = s + 16 + (j >> 1) * 32;
        int to = t + j * 32;
        int shift = (j & 1) * 4;
        for (int i = 0; i < 32; i++) {
          target[to + i] = scale * (source[from + i] >> shift & 15) - min;
        }
      }
    }
  }

  /**
   * Scale {@code j} of 8, 6 bits: the first four in bytes 0–3, the others in bytes 8–11 with their upper bits in 0–3.
   */
  static int scale(byte[] source, int at, int j) {
    return j < 4 ? source[at + j] & 63 : source[at + 4 + j] & 15 | source[at + j - 4] >> 2 & 0x30;
  }

  /**
   * Minimum {@code j} of 8, 6 bits: the first four in bytes 4–7, the others in bytes 8–11 with their upper bits in 4–7.
   */
  static int min(byte[] source, int at, int j) {
    return j < 4 ? source[at + 4 + j] & 63 : source[at + 4 + j] >> 4 & 15 | source[at + j] >> 2 & 0x30;
  }
}
