package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 32 weights in 22 bytes: {@code d} (F16), {@code h} (32 bits: the fifth bit of each weight), {@code q[16]}; byte i
 * holds weight i in its lower nibble, i + 16 in the upper one.
 *
 * <pre>w[i] = d · ((q[i] | h[i] · 16) − 16)</pre>
 */
final class Q5_0 implements BlockFormat {
  static final Q5_0 FORMAT = new Q5_0();

  private static final int SIZE = 32;
  private static final int HALF = 16;
  private static final int BYTES = 22;

  private Q5_0() {}

  @Override
  public DType dtype() {
    return DType.Q5_0;
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
      int h = Half.int32(source, s + 2);
      for (int i = 0; i < HALF; i++) {
        int q = source[s + 6 + i];
        target[t + i] = d * ((q & 15 | (h >> i & 1) << 4) - 16);
        target[t + HALF + i] = d * ((q >> 4 & 15 | (h >> i + HALF & 1) << 4) - 16);
      }
    }
  }
}
