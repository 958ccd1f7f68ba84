package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.util.Objects;

/**
 * 32 weights in 34 bytes: {@code d} (F16), {@code q[32]} (signed bytes).
 *
 * <pre>w[i] = d · q[i]</pre>
 */
final class Q8_0 implements BlockFormat {
  static final Q8_0 FORMAT = new Q8_0();

  private static final int SIZE = 32;
  private static final int BYTES = 34;

  private Q8_0() {}

  @Override
  public DType dtype() {
    return DType.Q8_0;
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
      for (int i = 0; i < SIZE; i++) {
        target[t + i] = source[s + 2 + i] * d;
      }
    }
  }

  @Override
  public void encode(float[] source, int sourceOffset, byte[] target, int targetOffset, int blocks) {
    Objects.checkFromIndexSize(targetOffset, blocks * (long) BYTES, target.length);
    for (int b = 0; b < blocks; b++) {
      int s = sourceOffset + b * SIZE;
      int t = targetOffset + b * BYTES;
      float largest = 0;
      for (int i = 0; i < SIZE; i++) {
        largest = Math.max(largest, Math.abs(source[s + i])); // NaN wins
      }
      float d = largest / 127;
      Half.putF16(target, t, Scales.toF16(d, DType.Q8_0, source, s));
      float inverse = Scales.inverse(d);
      for (int i = 0; i < SIZE; i++) {
        target[t + 2 + i] = (byte) roundAwayFromZero(source[s + i] * inverse);
      }
    }
  }

  /** C's {@code roundf}: ties go away from zero. Exact, since |x| ≤ 127 leaves 17 bits for the fraction. */
  private static int roundAwayFromZero(float x) {
    int whole = (int) x;
    float rest = x - whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
  }
}
