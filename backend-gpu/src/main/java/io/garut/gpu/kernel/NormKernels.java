package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Layer norm and what flows back through it. */
public final class NormKernels {
  private static final int ABREAST = 8; // columns of a group that sums along rows: a sector of memory

  private NormKernels() {}

  /** Numbers: x [T, N], weight [N], bias [N], result [T, N], N; factor: ε. A group for each row. */
  public static void kLayerNorm(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int width = p.get(4);
    int x = p.get(0) + c.groupIdx * width;
    int y = p.get(3) + c.groupIdx * width;
    float mean = mean(c, f, x, width);
    float scale = scale(c, f, x, width, mean, s.get(0));
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      f.set(y + i, (f.get(x + i) - mean) * scale * f.get(p.get(1) + i) + f.get(p.get(2) + i));
    }
  }

  /** The normed rows; numbers: x [T, N], result [T, N], N; factor: ε. A group for each row. */
  public static void kNormed(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int width = p.get(2);
    int x = p.get(0) + c.groupIdx * width;
    int y = p.get(1) + c.groupIdx * width;
    float mean = mean(c, f, x, width);
    float scale = scale(c, f, x, width, mean, s.get(0));
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      f.set(y + i, (f.get(x + i) - mean) * scale);
    }
  }

  /**
   * Σ dy·normed and Σ dy along the rows; numbers: normed [T, N], dy [T, N], dweight [N], dbias [N], T, N. A group for eight
   * columns.
   */
  public static void kNormSums(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] products = c.allocateFloatLocalArray(Groups.SIZE);
    float[] plain = c.allocateFloatLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int width = p.get(5);
    int i = c.groupIdx * ABREAST + lane % ABREAST;
    float product = 0f;
    float sum = 0f;
    if (i < width) {
      for (int t = lane / ABREAST; t < p.get(4); t += Groups.SIZE / ABREAST) {
        float dy = f.get(p.get(1) + t * width + i);
        product += dy * f.get(p.get(0) + t * width + i);
        sum += dy;
      }
    }
    products[lane] = product;
    plain[lane] = sum;
    for (int half = Groups.SIZE / 2; half >= ABREAST; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        products[lane] = products[lane] + products[lane + half];
        plain[lane] = plain[lane] + plain[lane + half];
      }
    }
    if (lane < ABREAST && i < width) {
      f.set(p.get(2) + i, products[lane]);
      f.set(p.get(3) + i, plain[lane]);
    }
  }

  /** Numbers: x [T, N], weight [N], dy [T, N], dx [T, N], at first the normed rows, N; factor: ε. A group for each row. */
  public static void kLayerNormBackward(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int width = p.get(4);
    int x = p.get(0) + c.groupIdx * width;
    int dy = p.get(2) + c.groupIdx * width;
    int dx = p.get(3) + c.groupIdx * width;
    float mean = mean(c, f, x, width);
    float scale = scale(c, f, x, width, mean, s.get(0));
    float slopes = 0f;
    float products = 0f;
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      float slope = f.get(dy + i) * f.get(p.get(1) + i);
      slopes += slope;
      products += slope * f.get(dx + i);
    }
    slopes = Groups.sum(c, slopes) / (float) width;
    products = Groups.sum(c, products) / (float) width;
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      f.set(dx + i, scale * (f.get(dy + i) * f.get(p.get(1) + i) - slopes - f.get(dx + i) * products));
    }
  }

  private static float mean(KernelContext c, FloatArray f, int x, int width) {
    float sum = 0f;
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      sum += f.get(x + i);
    }
    return Groups.sum(c, sum) / (float) width;
  }

  private static float scale(KernelContext c, FloatArray f, int x, int width, float mean, float epsilon) {
    float squares = 0f;
    for (int i = c.localIdx; i < width; i += Groups.SIZE) {
      float off = f.get(x + i) - mean;
      squares += off * off;
    }
    return 1f / TornadoMath.sqrt(Groups.sum(c, squares) / (float) width + epsilon);
  }
}
