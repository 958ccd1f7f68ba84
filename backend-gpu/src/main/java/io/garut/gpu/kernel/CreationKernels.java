package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What makes elements from nothing. One item makes one. */
public final class CreationKernels {
  private CreationKernels() {}

  /** Numbers: result, elements. Factor: the value. */
  public static void kFillFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      f.set(p.get(0) + i, s.get(0));
    }
  }

  /** Numbers: result, elements, the value. */
  public static void kFillWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      w.set(p.get(0) + i, p.get(2));
    }
  }

  /** Uniform on [0, 1), by SplitMix64. Numbers: result, elements, the seed's upper and lower half. */
  public static void kRand(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      long upper = (long) p.get(2) << 32;
      long lower = (long) p.get(3) & 0xffffffffL;
      long z = (upper | lower) + ((long) i + 1L) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >> 30 & 0x3ffffffffL)) * 0xBF58476D1CE4E5B9L; // masks, since >>> of a long becomes >>
      z = (z ^ (z >> 27 & 0x1fffffffffL)) * 0x94D049BB133111EBL;
      z = z ^ (z >> 31 & 0x1ffffffffL);
      int bits = (int) (z >> 40 & 0xffffffL);
      f.set(p.get(0) + i, (float) bits * 0x1p-24f);
    }
  }
}
