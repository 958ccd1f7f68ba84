package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of a group for each head of each token: 64 rows of keys at a time, an item for each; then an item for each
 * element of the sum of their values. The softmax is that of the rows so far (Milakov and Gimelshein, 2018).
 */
public final class AttentionKernels {
  static final float LEAST = -3.0e38f;

  private AttentionKernels() {}

  /**
   * Among the tokens at hand. Numbers: 0 q [T, H, D], 1 keys, 2 values [T, G, D], 3 result, 4 H, 5 G, 6 D, 7 starts [T];
   * factor: the scale. Groups: T, H.
   */
  public static void kAttention(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int group = c.groupIdy / (p.get(4) / p.get(5));
    int start = w.get(p.get(7) + c.groupIdx);
    int first = (start * p.get(5) + group) * p.get(6);
    attend(c, f, w, p, s, Weights.F32, first, p.get(5) * p.get(6), c.groupIdx + 1 - start);
  }

  /**
   * Against caches. Numbers as {@link #kAttention}'s, with caches [S, G, C, D], but 7 slots [T], 8 positions [T], 9 C, 10 the
   * table of halves. Groups: T, H.
   */
  public static void kCachedF32(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int seen = w.get(p.get(8) + c.groupIdx) + 1;
    attend(c, f, w, p, s, Weights.F32, firstOfCache(c, w, p), p.get(6), seen);
  }

  /** The same with caches of F16. */
  public static void kCachedF16(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int seen = w.get(p.get(8) + c.groupIdx) + 1;
    attend(c, f, w, p, s, Weights.F16, firstOfCache(c, w, p), p.get(6), seen);
  }

  private static int firstOfCache(KernelContext c, IntArray w, IntArray p) {
    int group = c.groupIdy / (p.get(4) / p.get(5));
    return (w.get(p.get(7) + c.groupIdx) * p.get(5) + group) * p.get(9) * p.get(6);
  }

  /** {@code seen} rows, {@code step} apart, from element {@code first} of keys and values on. */
  private static void attend(
      KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s, int form, int first, int step, int seen) {
    float[] shared = c.allocateFloatLocalArray(Groups.SIZE);
    float[] weights = c.allocateFloatLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int size = p.get(6);
    int q = p.get(0) + (c.groupIdx * p.get(4) + c.groupIdy) * size;
    int out = p.get(3) + (c.groupIdx * p.get(4) + c.groupIdy) * size;
    float most = LEAST;
    float sum = 0f;
    for (int begin = 0; begin < seen; begin += Groups.SIZE) {
      float score = LEAST;
      if (begin + lane < seen) {
        int row = first + (begin + lane) * step;
        float dot = 0f;
        for (int i = 0; i < size; i++) {
          dot += f.get(q + i) * Weights.at(f, w, form, p.get(1), p.get(10), row + i);
        }
        score = dot * s.get(0);
      }
      shared[lane] = score;
      for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
        c.localBarrier();
        if (lane < half) {
          shared[lane] = TornadoMath.max(shared[lane], shared[lane + half]);
        }
      }
      c.localBarrier();
      float larger = TornadoMath.max(most, shared[0]);
      float weight = begin + lane < seen ? TornadoMath.exp(score - larger) : 0f;
      float shrink = begin == 0 ? 0f : TornadoMath.exp(most - larger);
      weights[lane] = weight;
      c.localBarrier();
      shared[lane] = weight;
      for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
        c.localBarrier();
        if (lane < half) {
          shared[lane] = shared[lane] + shared[lane + half];
        }
      }
      c.localBarrier();
      sum = sum * shrink + shared[0];
      most = larger;
      int count = seen - begin < Groups.SIZE ? seen - begin : Groups.SIZE;
      boolean last = begin + Groups.SIZE >= seen;
      for (int i = lane; i < size; i += Groups.SIZE) {
        float value = 0f;
        if (begin > 0) {
          value = f.get(out + i) * shrink;
        }
        for (int j = 0; j < count; j++) {
          value += weights[j] * Weights.at(f, w, form, p.get(2), p.get(10), first + (begin + j) * step + i);
        }
        f.set(out + i, last ? value / sum : value);
      }
      c.localBarrier();
    }
  }
}
