package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 256 weights in 210 bytes: {@code low[128]}, {@code high[64]}, sixteen signed 8-bit scales, {@code d} (F16). Each half
 * of 128 weights takes 64 bytes of {@code low} and 32 of {@code high}: its quarter k of 32 has its lower four bits in
 * bytes 32·(k mod 2) onwards, in the upper nibbles if k ≥ 2, and its upper two in bits 2k of {@code high}.
 *
 * <pre>w[i] = (d · scale[i / 16]) · ((low[i] | high[i] · 16) − 32)</pre>
 */
final class Q6_K implements BlockFormat {
  static final Q6_K FORMAT = new Q6_K();

  private static final int SIZE = 256;
  private static final int BYTES = 210;

  private Q6_K() {}

  @Override
  public DType dtype() {
    return DType.Q6_K;
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
      float d = Half.f16(source, s + 208);
      for (int j = 0; j < 8; j++) {
        int half = j >> 2;
        int quarter = j & 3;
        int low = s + half * 64 + (quarter & 1) * 32;
        int high = s + 128 + half * 32;
        int lowShift = (quarter >> 1) * 4;
        int highShift = quarter * 2;
        for (int part = 0; part < 32; part += 16) {
          float scale = d * source[s + 192 + j * 2 + part / 16];
          int to = t + j * 32 + part;
          for (int i = 0; i < 16; i++) {
            int q = source[low + part + i] >> lowShift & 15 | (source[high + part + i] >> highShift & 3) << 4;
            target[to + i] = scale * (q - 32);
          }
        }
      }
    }
  }
}
