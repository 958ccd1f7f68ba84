package io.garut.cpu.matmul;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;

/**
 * A linear layer with prepared weights, bound to addresses: y [M, N] = x [M, K] · Wᵀ + bias, then the epilogue. Made once and
 * run any number of times; a run allocates nothing. Not for several threads at once.
 *
 * <p>Every row of y has the same bits whatever M is, but for single rows of two types. In Q8_0 they multiply by the scales last
 * (see {@link MatVecQ8}), several by decoded weights. In F16 they move powers of two (see {@link MatVecF16}): elements of x
 * from 2⁶⁸ on are infinite, and sums below 2⁻⁷⁴ lose bits, if elements of x other than 0 are below 2⁻⁵⁰.
 */
public final class PackedLinear implements Runnable {
  /** Bytes of packed rows that are held at a time, so that long prompts need little memory. */
  private static final long ROWS_BYTES = 16 << 20;

  private final WorkerPool pool;
  private final PackedWeights weights;
  private final int m;
  private final long x;
  private final long xRowBytes;
  private final long bias;
  private final long y;
  private final long yRowBytes;
  private final Epilogue epilogue;
  private final MatVec single;
  private final RowPacking packing;
  private final PanelProduct product;
  private final Q4Product quantised;

  /** Rows that are packed, and multiplied by all panels, before the next ones. */
  private final int blockRows;

  /**
   * Binds the layer.
   *
   * @param m rows of x and y, at least 1
   * @param x the address of x[0, 0]
   * @param xRowBytes bytes from one row of x to the next
   * @param bias the address of N floats, or 0 for none
   * @param y the address of y[0, 0]; not within x
   * @param yRowBytes bytes from one row of y to the next
   * @param epilogue what to do with the results, or null for nothing
   */
  public PackedLinear(
      WorkerPool pool,
      PackedWeights weights,
      int m,
      long x,
      long xRowBytes,
      long bias,
      long y,
      long yRowBytes,
      Epilogue epilogue) {
    this.pool = pool;
    this.weights = weights;
    this.m = m;
    this.x = x;
    this.xRowBytes = xRowBytes;
    this.bias = bias;
    this.y = y;
    this.yRowBytes = yRowBytes;
    this.epilogue = epilogue;
    blockRows = (int) Math.min(m, Math.max(1, ROWS_BYTES / RowPacking.stripBytes(weights.columns())) * Blocking.MR);
    boolean one = m == 1;
    boolean q4 = weights.dtype() == DType.Q4_0;
    single = one ? new MatVec(pool, weights, x, bias, y, epilogue) : null;
    quantised = !one && q4 ? new Q4Product(pool, weights, m, x, xRowBytes, bias, y, yRowBytes, epilogue) : null;
    packing = one || q4 ? null : new RowPacking(pool);
    product = one || q4 ? null : new PanelProduct(pool);
    if (product != null) {
      product.right(weights.dtype(), weights.address(), weights.panelBytes(), weights.columns());
    }
  }

  /** Computes y from what x and the bias hold now. */
  @Override
  public void run() {
    if (single != null) {
      single.run();
      return;
    }
    if (quantised != null) {
      quantised.run();
      return;
    }
    int k = weights.columns();
    long strips = pool.scratch(ScratchSlot.MATMUL_ROWS, RowPacking.bytes(blockRows, k));
    product.left(strips, RowPacking.stripBytes(k));
    for (int row = 0; row < m; row += blockRows) {
      int height = Math.min(blockRows, m - row);
      packing.run(x + row * xRowBytes, xRowBytes, 4, height, k, strips);
      product.run(height, weights.rows(), k, y + row * yRowBytes, yRowBytes, false, bias, epilogue, row);
    }
  }
}
