package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rotary embedding, rows of tables, cross entropy, slopes of activations. */
public final class LayerKernels {
  private static final int IGNORE = -100;
  private static final float LEAST = -3.0e38f;

  private LayerKernels() {}

  /** Numbers: x [T, H, D], positions [T], cosines and sines [P, R], result, H·D, D, R, T·H·D. */
  public static void kRotary(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int at = c.globalIdx;
    int half = p.get(7);
    if (at < p.get(8)) {
      int d = at % p.get(6); // heads lie one after another
      float y = f.get(p.get(0) + at);
      if (d < 2 * half) {
        int side = d < half ? 1 : -1;
        int angle = w.get(p.get(1) + at / p.get(5)) * half + (d < half ? d : d - half);
        float other = f.get(p.get(0) + at + side * half);
        float turned = other * f.get(p.get(3) + angle);
        y = y * f.get(p.get(2) + angle) + (d < half ? -turned : turned);
      }
      f.set(p.get(4) + at, y);
    }
  }

  /** Numbers: table [V, H], its form, what the form needs, ids [T], words of an id, result [T, H], H, T·H. */
  public static void kEmbedding(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    int width = p.get(6);
    if (i < p.get(7)) {
      int id = w.get(p.get(3) + i / width * p.get(4)); // of an I64 the lower word
      f.set(p.get(5) + i, Weights.at(f, w, p.get(1), p.get(0), p.get(2), id * width + i % width));
    }
  }

  /** Numbers: logits [T, V], labels [T], result [T], V. A group for each token. */
  public static void kCrossEntropy(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int classes = p.get(3);
    int x = p.get(0) + c.groupIdx * classes;
    int label = w.get(p.get(1) + c.groupIdx);
    float most = most(c, f, x, classes);
    float sum = sum(c, f, x, classes, most);
    if (c.localIdx == 0) {
      float loss = 0f;
      if (label != IGNORE) {
        loss = TornadoMath.log(sum) + (most - f.get(x + label));
      }
      f.set(p.get(2) + c.groupIdx, loss);
    }
  }

  /** Numbers: logits [T, V], labels [T], dy [T], result [T, V], V. A group for each token. */
  public static void kCrossEntropyBackward(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int classes = p.get(4);
    int x = p.get(0) + c.groupIdx * classes;
    int to = p.get(3) + c.groupIdx * classes;
    int label = w.get(p.get(1) + c.groupIdx);
    float most = most(c, f, x, classes);
    float sum = sum(c, f, x, classes, most);
    float dy = label == IGNORE ? 0f : f.get(p.get(2) + c.groupIdx);
    for (int i = c.localIdx; i < classes; i += Groups.SIZE) {
      float chance = TornadoMath.exp(f.get(x + i) - most) / sum;
      f.set(to + i, dy * (i == label ? chance - 1f : chance));
    }
  }

  private static float most(KernelContext c, FloatArray f, int x, int count) {
    float most = LEAST;
    for (int i = c.localIdx; i < count; i += Groups.SIZE) {
      most = TornadoMath.max(most, f.get(x + i));
    }
    return Groups.max(c, most);
  }

  private static float sum(KernelContext c, FloatArray f, int x, int count, float most) {
    float sum = 0f;
    for (int i = c.localIdx; i < count; i += Groups.SIZE) {
      sum += TornadoMath.exp(f.get(x + i) - most);
    }
    return Groups.sum(c, sum);
  }

  /** dy·slope(x); numbers: x, dy, result, elements, which activation. */
  public static void kSlope(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      f.set(p.get(2) + i, f.get(p.get(1) + i) * Curves.slope(p.get(4), f.get(p.get(0) + i)));
    }
  }
}
