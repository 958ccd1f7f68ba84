package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Appending to caches. */
public final class CacheKernels {
  private CacheKernels() {}

  /**
   * Numbers: 0 cache [S, G, C, D], 1 rows [T, G, D], 2 slots, 3 positions, 4 T, 5 G, 6 C, 7 D, 8 whether the first items go
   * through all tokens in order, since some write to the same place. Items: T·G·D.
   */
  public static void kAppendF32(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int item = c.globalIdx;
    int size = p.get(7);
    int width = p.get(5) * size;
    boolean inOrder = p.get(8) != 0;
    int i = item % width;
    int begin = inOrder ? 0 : item / width;
    int end = inOrder ? p.get(4) : begin + 1;
    if (item < width || !inOrder && end <= p.get(4)) {
      for (int t = begin; t < end; t++) {
        int line = (w.get(p.get(2) + t) * p.get(5) + i / size) * p.get(6) + w.get(p.get(3) + t);
        f.set(p.get(0) + line * size + i % size, f.get(p.get(1) + t * width + i));
      }
    }
  }

  /** The same for a cache of F16 with an even D; an item makes a word of two. Items: T·G·D/2. */
  public static void kAppendF16(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int item = c.globalIdx;
    int size = p.get(7) / 2;
    int width = p.get(5) * size;
    boolean inOrder = p.get(8) != 0;
    int i = item % width;
    int begin = inOrder ? 0 : item / width;
    int end = inOrder ? p.get(4) : begin + 1;
    if (item < width || !inOrder && end <= p.get(4)) {
      for (int t = begin; t < end; t++) {
        int line = (w.get(p.get(2) + t) * p.get(5) + i / size) * p.get(6) + w.get(p.get(3) + t);
        int from = p.get(1) + 2 * (t * width + i);
        int word = f16(f.get(from)) + (f16(f.get(from + 1)) << 16);
        w.set(p.get(0) + line * size + i % size, word);
      }
    }
  }

  /** The bits of {@code x} as F16, rounded half to even; by arithmetic, since kernels do not see the bits of floats. */
  private static int f16(float x) {
    float size = TornadoMath.abs(x);
    float v = size * 16777216f; // in units of the last place of subnormal numbers
    int exponent = 0;
    for (int step = 16; step > 0; step = step / 2) {
      float most = (float) (1 << step);
      if (v >= 1024f * most) {
        v = v / most;
        exponent += step;
      }
    }
    int digits = (int) v;
    float rest = v - (float) digits;
    if (rest > 0.5f || rest == 0.5f && (digits & 1) == 1) {
      digits += 1; // may carry into the exponent
    }
    int half = (exponent << 10) + digits;
    if (size >= 65520f) {
      half = 0x7c00;
    } else if (x != x) {
      half = 0x7e00;
    }
    return x < 0f || x == 0f && 1f / x < 0f ? half + 0x8000 : half;
  }
}
