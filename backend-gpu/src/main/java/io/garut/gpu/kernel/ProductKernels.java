package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Products of matrices in tiles of 32 by 32: each of 64 items makes 16 elements, from tiles of 16 deep in local memory. */
public final class ProductKernels {
  private static final int TILE = 32;
  private static final int DEEP = 16;
  private static final int RIGHT = DEEP * (TILE + 1); // where b's tile begins
  private static final int PITCH = TILE + 1; // neighbours along the depth are in banks of their own

  private ProductKernels() {}

  /**
   * Numbers: 0 a, 1 b, 2 bias [N] or −1, 3 result [.., M, N], 4 M, 5 N, 6 K, 7–10 steps of a along M and K, of b along K and N,
   * 11 activation, 12 b's form, 13 what its form needs, 14 axes of the batch, and of each its length and the steps of a and b.
   * Groups: tiles along M times the batch, tiles along N.
   */
  public static void kProduct(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] tile = c.allocateFloatLocalArray(TILE * PITCH); // of a, then of b; in the end of the result
    int lane = c.localIdx;
    int rows = p.get(4);
    int columns = p.get(5);
    int depth = p.get(6);
    int stepAm = p.get(7);
    int stepAk = p.get(8);
    int stepBk = p.get(9);
    int stepBn = p.get(10);
    int form = p.get(12);
    int tiles = (rows + TILE - 1) / TILE;
    int batch = c.groupIdx / tiles;
    int firstRow = (c.groupIdx - batch * tiles) * TILE;
    int firstColumn = c.groupIdy * TILE;
    int a = p.get(0);
    int b = 0;
    int rest = batch;
    for (int i = p.get(14) - 1; i >= 0; i--) {
      int length = p.get(15 + 3 * i);
      int at = rest % length;
      rest = rest / length;
      a += at * p.get(16 + 3 * i);
      b += at * p.get(17 + 3 * i);
    }
    int row = lane >> 3;
    int column = lane & 7;
    float y00 = 0f;
    float y01 = 0f;
    float y02 = 0f;
    float y03 = 0f;
    float y10 = 0f;
    float y11 = 0f;
    float y12 = 0f;
    float y13 = 0f;
    float y20 = 0f;
    float y21 = 0f;
    float y22 = 0f;
    float y23 = 0f;
    float y30 = 0f;
    float y31 = 0f;
    float y32 = 0f;
    float y33 = 0f;
    for (int k0 = 0; k0 < depth; k0 += DEEP) {
      for (int i = lane; i < TILE * DEEP; i += Groups.SIZE) {
        // neighbouring items take neighbouring elements
        int k = stepAk == 1 ? i & 15 : i >> 5;
        int m = stepAk == 1 ? i >> 4 : i & 31;
        float x = 0f;
        if (k0 + k < depth && firstRow + m < rows) {
          x = f.get(a + (firstRow + m) * stepAm + (k0 + k) * stepAk);
        }
        tile[k * PITCH + m] = x;
      }
      for (int i = lane; i < TILE * DEEP; i += Groups.SIZE) {
        int k = stepBk == 1 ? i & 15 : i >> 5;
        int n = stepBk == 1 ? i >> 4 : i & 31;
        float x = 0f;
        if (k0 + k < depth && firstColumn + n < columns) {
          x = Weights.at(f, w, form, p.get(1), p.get(13), b + (firstColumn + n) * stepBn + (k0 + k) * stepBk);
        }
        tile[RIGHT + k * PITCH + n] = x;
      }
      c.localBarrier();
      for (int k = 0; k < DEEP; k++) {
        float a0 = tile[k * PITCH + row];
        float a1 = tile[k * PITCH + row + 8];
        float a2 = tile[k * PITCH + row + 16];
        float a3 = tile[k * PITCH + row + 24];
        float b0 = tile[RIGHT + k * PITCH + column];
        float b1 = tile[RIGHT + k * PITCH + column + 8];
        float b2 = tile[RIGHT + k * PITCH + column + 16];
        float b3 = tile[RIGHT + k * PITCH + column + 24];
        y00 += a0 * b0;
        y01 += a0 * b1;
        y02 += a0 * b2;
        y03 += a0 * b3;
        y10 += a1 * b0;
        y11 += a1 * b1;
        y12 += a1 * b2;
        y13 += a1 * b3;
        y20 += a2 * b0;
        y21 += a2 * b1;
        y22 += a2 * b2;
        y23 += a2 * b3;
        y30 += a3 * b0;
        y31 += a3 * b1;
        y32 += a3 * b2;
        y33 += a3 * b3;
      }
      c.localBarrier();
    }
    tile[row * PITCH + column] = y00;
    tile[row * PITCH + column + 8] = y01;
    tile[row * PITCH + column + 16] = y02;
    tile[row * PITCH + column + 24] = y03;
    tile[(row + 8) * PITCH + column] = y10;
    tile[(row + 8) * PITCH + column + 8] = y11;
    tile[(row + 8) * PITCH + column + 16] = y12;
    tile[(row + 8) * PITCH + column + 24] = y13;
    tile[(row + 16) * PITCH + column] = y20;
    tile[(row + 16) * PITCH + column + 8] = y21;
    tile[(row + 16) * PITCH + column + 16] = y22;
    tile[(row + 16) * PITCH + column + 24] = y23;
    tile[(row + 24) * PITCH + column] = y30;
    tile[(row + 24) * PITCH + column + 8] = y31;
    tile[(row + 24) * PITCH + column + 16] = y32;
    tile[(row + 24) * PITCH + column + 24] = y33;
    c.localBarrier();
    for (int i = lane; i < TILE * TILE; i += Groups.SIZE) {
      int m = firstRow + (i >> 5);
      int n = firstColumn + (i & 31);
      if (m < rows && n < columns) {
        float y = tile[(i >> 5) * PITCH + (i & 31)];
        if (p.get(2) >= 0) {
          y += f.get(p.get(2) + n);
        }
        f.set(p.get(3) + (batch * rows + m) * columns + n, Curves.value(p.get(11), y));
      }
    }
  }

  /** One row times a matrix whose rows are contiguous. Numbers as {@link #kProduct}'s, then the batch. Items: N times it. */
  public static void kProductRow(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int columns = p.get(5);
    int batch = c.globalIdx / columns;
    int n = c.globalIdx - batch * columns;
    if (batch < p.get(15 + 3 * p.get(14))) {
      int a = p.get(0);
      int b = p.get(1);
      int rest = batch;
      for (int i = p.get(14) - 1; i >= 0; i--) {
        int length = p.get(15 + 3 * i);
        int at = rest % length;
        rest = rest / length;
        a += at * p.get(16 + 3 * i);
        b += at * p.get(17 + 3 * i);
      }
      float sum = 0f;
      for (int k = 0; k < p.get(6); k++) {
        sum += f.get(a + k * p.get(8)) * f.get(b + k * p.get(9) + n);
      }
      f.set(p.get(3) + c.globalIdx, sum);
    }
  }
}
