package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 32 weights in 20 bytes: {@code d} and {@code m} (F16), {@code q[16]}; byte i holds weight i in its lower nibble, i +
 * 16 in the upper one.
 *
 * <pre>w[i] = d · q[i] + m</pre>
 */
final class Q4_1 implements BlockFormat {
  static final Q4_1 FORMAT = new Q4_1();

  private static final int SIZE = 32;
  private static final int HALF = 16;
  private static final int BYTES = 20;

  private Q4_1() {}

  @Override
  public DType dtype() {
    return DType.Q4_1;
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
      float m = Half.f16(source, s + 2);
      for (int i = 0; i < HALF; i++) {
        int q = source[s + 4 + i];
        target[t + i] = d * (q & 15) + m;
        target[t + HALF + i] = d * (q >> 4 & 15) + m;
      }
    }
  }
}
