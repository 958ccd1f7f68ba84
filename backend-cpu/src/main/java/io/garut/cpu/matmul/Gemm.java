package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.KC;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;

/**
 * Products of plain F32 matrices: C [M, N] = A [M, K] · B [K, N], or += . Either side may be stored transposed, and have any
 * distance between rows. A run allocates nothing. Not for several threads at once.
 *
 * <p>The bits of C depend on A, B and K only: see the package.
 */
public final class Gemm {
  /** Bytes of packed rows that are held at a time, so that large products need little memory and stay near the cores. */
  private static final long ROWS_BYTES = 16 << 20;

  private final WorkerPool pool;
  private final RowPacking packing;
  private final PanelProduct product;

  /** For products on the threads of {@code pool}. */
  public Gemm(WorkerPool pool) {
    this.pool = pool;
    packing = new RowPacking(pool);
    product = new PanelProduct(pool);
  }

  /**
   * Computes C.
   *
   * @param transposedA whether A is stored as [K, M]
   * @param transposedB whether B is stored as [N, K], as the weight of a linear layer is
   * @param a the address of A's first element
   * @param lda elements from one stored row of A to the next
   * @param b the address of B's first element
   * @param ldb elements from one stored row of B to the next
   * @param c the address of C's first element; C overlaps neither A nor B
   * @param ldc elements from one row of C to the next
   * @param accumulate whether to add to what C holds
   */
  public void run(
      boolean transposedA,
      boolean transposedB,
      int m,
      int n,
      int k,
      long a,
      long lda,
      long b,
      long ldb,
      long c,
      long ldc,
      boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    long rowStride = transposedA ? 4 : 4 * lda;
    long aStep = transposedA ? 4 * lda : 4;
    long columnStride = transposedB ? 4 * ldb : 4;
    long bStep = transposedB ? 4 : 4 * ldb;
    int rows = (int) Math.min(ROWS_BYTES / RowPacking.stripBytes(KC) * Blocking.MR, m);
    long perStep = RowPacking.bytes(rows, 1);
    int steps = Math.clamp(ROWS_BYTES / perStep / KC * KC, KC, Math.max(KC, k)); // whole blocks: sums stay the same
    long strips = pool.scratch(ScratchSlot.MATMUL_ROWS, RowPacking.bytes(rows, Math.min(steps, k)));
    for (int row = 0; row < m; row += rows) {
      int height = Math.min(rows, m - row);
      for (int step = 0; step == 0 || step < k; step += steps) {
        int depth = Math.min(steps, k - step);
        packing.run(a + row * rowStride + step * aStep, rowStride, aStep, height, depth, strips);
        product.left(strips, RowPacking.stripBytes(depth));
        product.rightPlain(b + step * bStep, columnStride, bStep);
        product.run(height, n, depth, c + row * ldc * 4, ldc * 4, accumulate || step > 0, 0, null, 0);
      }
    }
  }
}
