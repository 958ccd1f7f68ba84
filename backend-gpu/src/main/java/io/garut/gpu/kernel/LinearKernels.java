package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** x·wᵀ + b of few rows: a group for each element of the result, which shares the sum. */
public final class LinearKernels {
  private LinearKernels() {}

  /** Numbers: x [T, K], weight [N, K], bias [N] or −1, result [T, N], K, N, activation. Groups: N, T. */
  public static void kLinearF32(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int depth = p.get(4);
    int x = p.get(0) + c.groupIdy * depth;
    int row = p.get(1) + c.groupIdx * depth;
    float sum = 0f;
    for (int k = c.localIdx; k < depth; k += Groups.SIZE) {
      sum += f.get(x + k) * f.get(row + k);
    }
    finish(c, f, p, Groups.sum(c, sum));
  }

  /** The same with weights in halves; numbers besides: the table, the form. */
  public static void kLinearHalf(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int depth = p.get(4);
    int table = p.get(7);
    int form = p.get(8);
    int x = p.get(0) + c.groupIdy * depth;
    int first = c.groupIdx * depth; // a row of odd length may begin in the middle of a word
    int last = first + depth - 1;
    float sum = 0f;
    for (int at = (first >> 1) + c.localIdx; at <= last >> 1; at += Groups.SIZE) {
      int word = w.get(p.get(1) + at);
      int k = 2 * at - first;
      if (k >= 0) {
        sum += f.get(x + k) * Weights.half(f, form, table, word);
      }
      if (k + 1 < depth) {
        sum += f.get(x + k + 1) * Weights.half(f, form, table, word >> 16);
      }
    }
    finish(c, f, p, Groups.sum(c, sum));
  }

  /** The same with words of Q8_0; numbers besides: the scales. */
  public static void kLinearQ8(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int depth = p.get(4);
    int x = p.get(0) + c.groupIdy * depth;
    int first = c.groupIdx * (depth / 4);
    float sum = 0f;
    for (int at = c.localIdx; at < depth / 4; at += Groups.SIZE) {
      int word = w.get(p.get(1) + first + at);
      int k = x + 4 * at;
      float some = f.get(k) * Weights.byteAt(word, 0) + f.get(k + 1) * Weights.byteAt(word, 8)
          + f.get(k + 2) * Weights.byteAt(word, 16) + f.get(k + 3) * Weights.byteAt(word, 24);
      sum += some * f.get(p.get(7) + ((first + at) >> 3));
    }
    finish(c, f, p, Groups.sum(c, sum));
  }

  /** The same with words of Q4_0; numbers besides: the scales. */
  public static void kLinearQ4(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int depth = p.get(4);
    int x = p.get(0) + c.groupIdy * depth;
    int first = c.groupIdx * (depth / 8);
    float sum = 0f;
    for (int at = c.localIdx; at < depth / 8; at += Groups.SIZE) {
      int word = w.get(p.get(1) + first + at);
      int k = x + 8 * at;
      float some = 0f;
      for (int i = 0; i < 8; i++) {
        some += f.get(k + i) * Weights.nibbleAt(word, 4 * i);
      }
      sum += some * f.get(p.get(7) + ((first + at) >> 2));
    }
    finish(c, f, p, Groups.sum(c, sum));
  }

  private static void finish(KernelContext c, FloatArray f, IntArray p, float sum) {
    if (c.localIdx == 0) {
      float y = sum;
      if (p.get(2) >= 0) {
        y += f.get(p.get(2) + c.groupIdx);
      }
      f.set(p.get(3) + c.groupIdy * p.get(5) + c.groupIdx, Curves.value(p.get(6), y));
    }
  }
}
