package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What flows back through attention. With p = exp(score − norm) and ds = p(dy·v − mean): dq = scale·Σ ds·k, dk = scale·Σ ds·q,
 * dv = Σ p·dy. The first two elements of each head of dq hold norm and mean until dq itself is made. Numbers of all: 0 q
 * [T, H, D], 1 k, 2 v [T, G, D], 3 starts [T], 4 dy, 5 dq [T, H, D], 6 dk, 7 dv [T, G, D], 8 H, 9 G, 10 D, 11 T; factor: the
 * scale.
 */
public final class AttentionBackwardKernels {
  private AttentionBackwardKernels() {}

  /** Norm and mean; groups: T, H. */
  public static void kAttentionNorms(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int size = p.get(10);
    int start = w.get(p.get(3) + c.groupIdx);
    int group = c.groupIdy / (p.get(8) / p.get(9));
    int head = (c.groupIdx * p.get(8) + c.groupIdy) * size;
    float most = AttentionKernels.LEAST;
    float sum = 0f;
    float product = 0f;
    for (int t = start + c.localIdx; t <= c.groupIdx; t += Groups.SIZE) {
      int row = (t * p.get(9) + group) * size;
      float score = s.get(0) * dot(f, p.get(0) + head, p.get(1) + row, size);
      float larger = TornadoMath.max(most, score);
      float shrink = TornadoMath.exp(most - larger);
      float weight = TornadoMath.exp(score - larger);
      sum = sum * shrink + weight;
      product = product * shrink + weight * dot(f, p.get(4) + head, p.get(2) + row, size);
      most = larger;
    }
    float all = Groups.max(c, most);
    float shrink = TornadoMath.exp(most - all);
    sum = Groups.sum(c, sum * shrink);
    product = Groups.sum(c, product * shrink);
    if (c.localIdx == 0) {
      f.set(p.get(5) + head, all + TornadoMath.log(sum));
      f.set(p.get(5) + head + 1, product / sum);
    }
  }

  /** dk and dv: an item looks at each of 64 queries, then at an element of the sums; groups: T, G. */
  public static void kAttentionKeys(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] weights = c.allocateFloatLocalArray(Groups.SIZE);
    float[] slopes = c.allocateFloatLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int heads = p.get(8);
    int size = p.get(10);
    int perGroup = heads / p.get(9);
    int row = (c.groupIdx * p.get(9) + c.groupIdy) * size;
    for (int i = lane; i < size; i += Groups.SIZE) {
      f.set(p.get(6) + row + i, 0f);
      f.set(p.get(7) + row + i, 0f);
    }
    for (int h = c.groupIdy * perGroup; h < (c.groupIdy + 1) * perGroup; h++) {
      for (int begin = c.groupIdx; begin < p.get(11); begin += Groups.SIZE) {
        int t = begin + lane;
        float weight = 0f;
        float slope = 0f;
        if (t < p.get(11)) {
          if (w.get(p.get(3) + t) <= c.groupIdx) {
            int head = (t * heads + h) * size;
            weight = TornadoMath.exp(s.get(0) * dot(f, p.get(0) + head, p.get(1) + row, size) - f.get(p.get(5) + head));
            slope = weight * (dot(f, p.get(4) + head, p.get(2) + row, size) - f.get(p.get(5) + head + 1));
          }
        }
        weights[lane] = weight;
        slopes[lane] = slope * s.get(0);
        c.localBarrier();
        for (int i = lane; i < size; i += Groups.SIZE) {
          float dk = f.get(p.get(6) + row + i);
          float dv = f.get(p.get(7) + row + i);
          for (int j = 0; j < Groups.SIZE; j++) {
            if (weights[j] > 0f) { // the same for all items
              int element = ((begin + j) * heads + h) * size + i;
              dk += slopes[j] * f.get(p.get(0) + element);
              dv += weights[j] * f.get(p.get(4) + element);
            }
          }
          f.set(p.get(6) + row + i, dk);
          f.set(p.get(7) + row + i, dv);
        }
        c.localBarrier();
      }
    }
  }

  /** dq; groups: T, H. */
  public static void kAttentionQueries(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] slopes = c.allocateFloatLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int size = p.get(10);
    int start = w.get(p.get(3) + c.groupIdx);
    int group = c.groupIdy / (p.get(8) / p.get(9));
    int head = (c.groupIdx * p.get(8) + c.groupIdy) * size;
    float norm = f.get(p.get(5) + head);
    float mean = f.get(p.get(5) + head + 1);
    for (int begin = start; begin <= c.groupIdx; begin += Groups.SIZE) {
      int t = begin + lane;
      float slope = 0f;
      if (t <= c.groupIdx) {
        int row = (t * p.get(9) + group) * size;
        float weight = TornadoMath.exp(s.get(0) * dot(f, p.get(0) + head, p.get(1) + row, size) - norm);
        slope = s.get(0) * weight * (dot(f, p.get(4) + head, p.get(2) + row, size) - mean);
      }
      slopes[lane] = slope;
      c.localBarrier(); // after which nobody reads norm and mean again
      int count = c.groupIdx + 1 - begin < Groups.SIZE ? c.groupIdx + 1 - begin : Groups.SIZE;
      for (int i = lane; i < size; i += Groups.SIZE) {
        float dq = 0f;
        if (begin > start) {
          dq = f.get(p.get(5) + head + i);
        }
        for (int j = 0; j < count; j++) {
          dq += slopes[j] * f.get(p.get(1) + ((begin + j) * p.get(9) + group) * size + i);
        }
        f.set(p.get(5) + head + i, dq);
      }
      c.localBarrier();
    }
  }

  private static float dot(FloatArray f, int a, int b, int size) {
    float sum = 0f;
    for (int i = 0; i < size; i++) {
      sum += f.get(a + i) * f.get(b + i);
    }
    return sum;
  }
}
