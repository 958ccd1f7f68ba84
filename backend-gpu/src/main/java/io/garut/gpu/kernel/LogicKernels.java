package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What makes BOOL, of which a word has four, or goes by it. */
public final class LogicKernels {
  private LogicKernels() {}

  /**
   * Numbers: a, b, result, elements, the answers, a walk with the strides of a and b. The answers are a bit each: for a &lt; b,
   * a = b, a &gt; b, and where one is not a number. One item makes four elements.
   */
  public static void kCompareFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int item = c.globalIdx;
    if (4 * item < p.get(3)) {
      int word = 0;
      for (int k = 0; k < 4; k++) {
        int i = 4 * item + k;
        if (i < p.get(3)) {
          float a = f.get(p.get(0) + Walks.offset(p, 5, 0, i));
          float b = f.get(p.get(1) + Walks.offset(p, 5, 1, i));
          int order = 3;
          if (a < b) {
            order = 0;
          }
          if (a == b) {
            order = 1;
          }
          if (a > b) {
            order = 2;
          }
          word = word | (p.get(4) >> order & 1) << 8 * k;
        }
      }
      w.set(p.get(2) + item, word);
    }
  }

  /** The same of I32. */
  public static void kCompareWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int item = c.globalIdx;
    if (4 * item < p.get(3)) {
      int word = 0;
      for (int k = 0; k < 4; k++) {
        int i = 4 * item + k;
        if (i < p.get(3)) {
          int a = w.get(p.get(0) + Walks.offset(p, 5, 0, i));
          int b = w.get(p.get(1) + Walks.offset(p, 5, 1, i));
          int order = 3;
          if (a < b) {
            order = 0;
          }
          if (a == b) {
            order = 1;
          }
          if (a > b) {
            order = 2;
          }
          word = word | (p.get(4) >> order & 1) << 8 * k;
        }
      }
      w.set(p.get(2) + item, word);
    }
  }

  /** Whether the condition is not 0 at {@code i}; numbers as of {@link #kWhereFloats}. */
  private static boolean isTrue(IntArray w, IntArray p, int i) {
    int at = p.get(5) + Walks.offset(p, 6, 0, i);
    int word = w.get(p.get(0) + at / 4);
    return (word >> 8 * (at - at / 4 * 4) & 255) != 0;
  }

  /**
   * Numbers: condition (a word), a, b, result, elements, bytes of the condition before the first in that word, a walk with the
   * strides of the condition, a and b. One item makes one element.
   */
  public static void kWhereFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      int from = p.get(2) + Walks.offset(p, 6, 2, i);
      if (isTrue(w, p, i)) {
        from = p.get(1) + Walks.offset(p, 6, 1, i);
      }
      f.set(p.get(3) + i, f.get(from));
    }
  }

  /** The same of words. */
  public static void kWhereWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      int from = p.get(2) + Walks.offset(p, 6, 2, i);
      if (isTrue(w, p, i)) {
        from = p.get(1) + Walks.offset(p, 6, 1, i);
      }
      w.set(p.get(3) + i, w.get(from));
    }
  }
}
