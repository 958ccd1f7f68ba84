package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Elements in another type. Numbers: x, result, elements, of halves how many there are in a word before the first. */
public final class CastKernels {
  private CastKernels() {}

  /** I32 to F32. */
  public static void kWholeToFloat(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      f.set(p.get(1) + i, (float) w.get(p.get(0) + i));
    }
  }

  /** F32 to I32, towards zero and saturating; 0 for what is not a number. */
  public static void kFloatToWhole(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      float x = f.get(p.get(0) + i);
      int whole = (int) x;
      if (x >= 2147483648f) {
        whole = 2147483647;
      }
      if (x <= -2147483648f) {
        whole = -2147483648;
      }
      if (x != x) {
        whole = 0;
      }
      w.set(p.get(1) + i, whole);
    }
  }

  /** BF16 to F32. */
  public static void kBrainToFloat(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      int at = p.get(3) + i;
      int word = w.get(p.get(0) + at / 2);
      int bits = at / 2 * 2 == at ? word << 16 : word >> 16 << 16;
      f.set(p.get(1) + i, Float.intBitsToFloat(bits));
    }
  }

  /** F16 to F32. */
  public static void kHalfToFloat(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      int at = p.get(3) + i;
      int word = w.get(p.get(0) + at / 2);
      int half = at / 2 * 2 == at ? word << 16 : word >> 16 << 16;
      int exponent = half >> 26 & 31;
      int fraction = half >> 16 & 1023;
      int shifted = exponent + 112; // biases differ by that
      if (exponent == 31) {
        shifted = 255;
      }
      if (exponent == 0) {
        shifted = 0;
        if (fraction != 0) {
          shifted = 113;
          while (fraction < 1024) {
            fraction = fraction * 2;
            shifted = shifted - 1;
          }
          fraction = fraction - 1024;
        }
      }
      int sign = half >> 31 << 31;
      f.set(p.get(1) + i, Float.intBitsToFloat(sign | shifted << 23 | fraction << 13));
    }
  }
}
