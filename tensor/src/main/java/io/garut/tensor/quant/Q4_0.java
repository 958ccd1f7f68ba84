package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 32 weights in 18 bytes: {@code d} (F16), {@code q[16]}; byte i holds weight i in its lower nibble, i + 16 in the
 * upper one.
 *
 * <pre>w[i] = d · (q[i] − 8)</pre>
 */
final class Q4_0 implements BlockFormat {
  static final Q4_0 FORMAT = new Q4_0();

  private static final int SIZE = 32;
  private static final int HALF = 16;
  private static final int BYTES = 18;

  private Q4_0() {}

  @Override
  public DType dtype() {
    return DType.Q4_0;
  }

  @Override
  public DType partner() {
    return DType.Q8_0;
  }

  @Override
  public boolean encodes() {
    return true;
  }

  @Override
  public void decode(byte[] source, int sourceOffset, float[] target, int targetOffset, int blocks) {
    Objects.checkFromIndexSize(sourceOffset, blocks * (long) BYTES, source.length);
    for (int b = 0; b < blocks; b++) {
      int s = sourceOffset + b * BYTES;
      int t = targetOffset + b * SIZE;
      float d = Half.f16(source, s);
      for (int i = 0; i < HALF; i++) {
        int q = source[s + 2 + i];
        target[t + i] = d * ((q & 15) - 8);
        target[t + HALF + i] = d * ((q >> 4 & 15) - 8);
      }
    }
  }

  @Override
  public void encode(float[] source, int sourceOffset, byte[] target, int targetOffset, int blocks) {
    Objects.checkFromIndexSize(targetOffset, blocks * (long) BYTES, target.length);
    for (int b = 0; b < blocks; b++) {
      int s = sourceOffset + b * SIZE;
      int t = targetOffset + b * BYTES;
      float d = extreme(source, s) / -8;
      Half.putF16(target, t, Scales.toF16(d, DType.Q4_0, source, s));
      float inverse = Scales.inverse(d);
      for (int i = 0; i < HALF; i++) {
        int low = nibble(source[s + i] * inverse);
        int high = nibble(source[s + HALF + i] * inverse);
        target[t + 2 + i] = (byte) (low | high << 4);
      }
    }
  }

  /** The first value of largest magnitude, sign included; NaN if there is one. */
  private static float extreme(float[] source, int start) {
    float extreme = source[start];
    for (int i = start; i < start + SIZE; i++) {
      float x = source[i];
      if (!(Math.abs(x) <= Math.abs(extreme))) {
        extreme = x;
      }
      if (Float.isNaN(extreme)) {
        return extreme;
      }
    }
    return extreme;
  }

  private static int nibble(float scaled) {
    return Math.min(15, (int) (scaled + 8.5f));
  }
}
