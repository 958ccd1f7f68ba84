package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What moves elements between arenas and the host. Numbers: where in the arena, how many. */
public final class Kernels {
  private Kernels() {}

  /** Touches both arenas, so that they are made. */
  public static void kMake(KernelContext c, FloatArray floats, IntArray words) {
    floats.set(c.globalIdx, 0f);
    words.set(c.globalIdx, 0);
  }

  /** From {@code stage}. */
  public static void kPutFloats(KernelContext c, FloatArray floats, FloatArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      floats.set(p.get(0) + i, stage.get(i));
    }
  }

  /** To {@code stage}. */
  public static void kGetFloats(KernelContext c, FloatArray floats, FloatArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      stage.set(i, floats.get(p.get(0) + i));
    }
  }

  /** From {@code stage}. */
  public static void kPutWords(KernelContext c, IntArray words, IntArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      words.set(p.get(0) + i, stage.get(i));
    }
  }

  /** To {@code stage}. */
  public static void kGetWords(KernelContext c, IntArray words, IntArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      stage.set(i, words.get(p.get(0) + i));
    }
  }
}
