package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What addresses elements by indices, which have been checked; of one in I64 the first word is enough. */
public final class IndexingKernels {
  private IndexingKernels() {}

  /** Where the element is that belongs at {@code i} of the result; numbers as of {@link #kSelectFloats}. */
  private static int selected(IntArray w, IntArray p, int i) {
    int inner = p.get(4);
    int row = i / inner;
    int outer = row / p.get(5);
    int index = w.get(p.get(1) + (row - outer * p.get(5)) * p.get(7));
    return p.get(0) + (outer * p.get(6) + index) * inner + i - row * inner;
  }

  /**
   * Slices along an axis. Numbers: x, indices, result, its elements, elements of a slice, indices, length of the axis, words of
   * an index. One item makes one element.
   */
  public static void kSelectFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      f.set(p.get(2) + i, f.get(selected(w, p, i)));
    }
  }

  /** The same of words. */
  public static void kSelectWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      w.set(p.get(2) + i, w.get(selected(w, p, i)));
    }
  }

  /** Where the element is that belongs at {@code i} of the result; numbers as of {@link #kGatherFloats}. */
  private static int gathered(IntArray w, IntArray p, int i) {
    return p.get(0) + Walks.offset(p, 6, 0, i) + w.get(p.get(1) + i * p.get(5)) * p.get(4);
  }

  /**
   * Numbers: x, indices, result, its elements, distance of x's elements along the axis, words of an index, a walk over the
   * result with the strides of x, but 0 along the axis. One item makes one element.
   */
  public static void kGatherFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      f.set(p.get(2) + i, f.get(gathered(w, p, i)));
    }
  }

  /** The same of words. */
  public static void kGatherWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      w.set(p.get(2) + i, w.get(gathered(w, p, i)));
    }
  }

  /**
   * Numbers: indices, source, result, lines, length of a line, distance of its elements in the source, the same in the result,
   * words of an index, whether to add, a walk over the lines with the strides of the source and of the result. One item does
   * one line, since of those with the same index the last counts, and sums have an order.
   */
  public static void kScatterFloats(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int line = c.globalIdx;
    if (line < p.get(3)) {
      int from = Walks.offset(p, 9, 0, line);
      int to = p.get(2) + Walks.offset(p, 9, 1, line);
      for (int k = 0; k < p.get(4); k++) {
        int at = to + w.get(p.get(0) + from * p.get(7)) * p.get(6);
        float value = f.get(p.get(1) + from);
        if (p.get(8) != 0) {
          value = f.get(at) + value;
        }
        f.set(at, value);
        from += p.get(5);
      }
    }
  }

  /**
   * Sums of slices with the same index, onto zeros. Numbers: x, indices, result, x's elements, elements of a slice, indices,
   * length of the axis in the result, words of an index. One item for each element of x: that of an index's first slice goes on
   * to the others.
   */
  public static void kSegmentSum(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      int inner = p.get(4);
      int count = p.get(5);
      int words = p.get(7);
      int row = i / inner;
      int outer = row / count;
      int slice = row - outer * count;
      int index = w.get(p.get(1) + slice * words);
      int earlier = 0;
      while (earlier < slice && w.get(p.get(1) + earlier * words) != index) {
        earlier++;
      }
      if (earlier == slice) {
        float sum = f.get(p.get(0) + i);
        for (int k = slice + 1; k < count; k++) {
          if (w.get(p.get(1) + k * words) == index) {
            sum += f.get(p.get(0) + i + (k - slice) * inner);
          }
        }
        f.set(p.get(2) + (outer * p.get(6) + index) * inner + i - row * inner, sum);
      }
    }
  }
}
