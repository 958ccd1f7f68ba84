package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Elements of weights as numbers. Halves lie two in a word. Their scales, ± a power of two for each sign and exponent, are in a
 * table among the floats: 64 for F16, then 512 for BF16. Blocks lie as words of four bytes, or eight signed nibbles, of
 * neighbours, their scales apart from them.
 */
public final class Weights {
  /** F32. */
  public static final int F32 = 0;

  /** F16. */
  public static final int F16 = 1;

  /** BF16. */
  public static final int BF16 = 2;

  /** Words of Q8_0. */
  public static final int Q8 = 3;

  /** Words of Q4_0. */
  public static final int Q4 = 4;

  /** Scales of F16 in the table. */
  public static final int F16_SCALES = 64;

  private Weights() {}

  /**
   * Element {@code i} of those that begin at {@code begin}.
   *
   * @param aside where the table is, or the scales of blocks
   */
  static float at(FloatArray f, IntArray w, int form, int begin, int aside, int i) {
    float x = 0f;
    if (form == F32) {
      x = f.get(begin + i);
    } else if (form == F16) {
      x = f16(f, aside, w.get(begin + (i >> 1)) >> ((i & 1) * 16));
    } else if (form == BF16) {
      x = bf16(f, aside, w.get(begin + (i >> 1)) >> ((i & 1) * 16));
    } else if (form == Q8) {
      x = byteAt(w.get(begin + (i >> 2)), (i & 3) * 8) * f.get(aside + (i >> 5));
    } else {
      x = nibbleAt(w.get(begin + (i >> 3)), (i & 7) * 4) * f.get(aside + (i >> 5));
    }
    return x;
  }

  /** The lower half of {@code bits}, of F16 or BF16. */
  static float half(FloatArray f, int form, int table, int bits) {
    float x = 0f;
    if (form == F16) {
      x = f16(f, table, bits);
    } else {
      x = bf16(f, table, bits);
    }
    return x;
  }

  /** The lower half of {@code bits}. */
  static float f16(FloatArray f, int table, int bits) {
    int high = (bits >> 10) & 63;
    int low = bits & 1023;
    int whole = (high & 31) == 0 ? low : low + 1024;
    float x = (float) whole * f.get(table + high);
    return (high & 31) == 31 && low != 0 ? x - x : x;
  }

  private static float bf16(FloatArray f, int table, int bits) {
    int high = (bits >> 7) & 511;
    int low = bits & 127;
    int whole = (high & 255) == 0 ? low : low + 128;
    float x = (float) whole * f.get(table + F16_SCALES + high);
    return (high & 255) == 255 && low != 0 ? x - x : x;
  }

  static float byteAt(int word, int shift) {
    return (float) ((word << (24 - shift)) >> 24);
  }

  static float nibbleAt(int word, int shift) {
    return (float) ((word << (28 - shift)) >> 28);
  }
}
