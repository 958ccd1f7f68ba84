package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What moves elements and changes none. */
public final class MovementKernels {
  private MovementKernels() {}

  /** Numbers: from, to, elements, a walk with the strides of both. */
  public static void kCopyFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      f.set(p.get(1) + Walks.offset(p, 3, 1, i), f.get(p.get(0) + Walks.offset(p, 3, 0, i)));
    }
  }

  /** The same of words. */
  public static void kCopyWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      w.set(p.get(1) + Walks.offset(p, 3, 1, i), w.get(p.get(0) + Walks.offset(p, 3, 0, i)));
    }
  }
}
