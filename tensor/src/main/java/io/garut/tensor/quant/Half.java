package io.garut.tensor.quant;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The two 16-bit floats as bit patterns in a {@code short}: F16 is IEEE 754 binary16 (5 bits of exponent, 10 of
 * fraction), BF16 the upper half of binary32 (8 and 7).
 *
 * <p>Narrowing rounds to nearest, ties to even, past the largest value to infinity; NaN stays NaN with its sign.
 * Widening is exact.
 */
public final class Half {
  /** The largest finite F16. */
  public static final float MAX_F16 = 65504f;

  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Half() {}

  /** The value of F16 {@code bits}. */
  public static float f16ToFloat(short bits) {
    return Float.float16ToFloat(bits);
  }

  /** {@code value} rounded to F16. */
  public static short floatToF16(float value) {
    return Float.floatToFloat16(value);
  }

  /** The value of BF16 {@code bits}. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** {@code value} rounded to BF16. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) (bits >> 16 | 0x40); // the quiet bit: a payload in the lower half must not turn NaN into infinity
    }
    return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
  }

  /** The F16 at {@code offset} of little-endian {@code bytes}. */
  static float f16(byte[] bytes, int offset) {
    return Float.float16ToFloat((short) SHORT.get(bytes, offset));
  }

  /** Writes F16 {@code bits} at {@code offset} of little-endian {@code bytes}. */
  static void putF16(byte[] bytes, int offset, short bits) {
    SHORT.set(bytes, offset, bits);
  }

  /** The 32 bits at {@code offset} of little-endian {@code bytes}. */
  static int int32(byte[] bytes, int offset) {
    return (int) INT.get(bytes, offset);
  }
}
