package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;

/**
 * Several rows of a linear layer with weights of Q4_0. A row gets the bits that it would get alone. A chunk is a few panels
 * for all rows.
 */
final class Q4Product implements WorkerPool.Task {
  /** Rows that are computed with a panel before the next one's turn. */
  private static final int BLOCK_ROWS = 512;

  /** Blocks of 32 steps at a time: 16 KB of cells, and 8 KB of sums, which stay in the first-level cache. */
  private static final int BLOCKS = 32;

  /** Multiply-adds that a chunk should have, so that claiming it costs nothing in comparison. */
  private static final long CHUNK_WORK = 1 << 22;

  private final WorkerPool pool;
  private final PackedWeights weights;
  private final int m;
  private final int n;
  private final int blocks;
  private final long x;
  private final long xRowBytes;
  private final long bias;
  private final long y;
  private final long yRowBytes;
  private final Epilogue epilogue;
  private final Int8Rows rows;
  private final WorkerPool.Task quantise = this::quantise;
  private final int panelsPerChunk;
  private final int panelChunks;

  Q4Product(
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
    this.n = weights.rows();
    this.blocks = weights.columns() / 32;
    this.x = x;
    this.xRowBytes = xRowBytes;
    this.bias = bias;
    this.y = y;
    this.yRowBytes = yRowBytes;
    this.epilogue = epilogue;
    this.rows = new Int8Rows(m, weights.columns(), 2);
    panelsPerChunk = Math.clamp(CHUNK_WORK / ((long) Math.min(m, BLOCK_ROWS) * weights.columns() * NR), 1, 16);
    panelChunks = Math.ceilDiv(weights.panels(), panelsPerChunk);
  }

  void run() {
    pool.run(quantise, m);
    pool.run(this, panelChunks * Math.ceilDiv(m, BLOCK_ROWS));
  }

  private void quantise(int row) {
    rows.quantise(row, x + row * xRowBytes);
  }

  @Override
  public void run(int chunk) {
    int firstRow = chunk / panelChunks * BLOCK_ROWS;
    int lastRow = Math.min(firstRow + BLOCK_ROWS, m);
    int firstPanel = chunk % panelChunks * panelsPerChunk;
    int lastPanel = Math.min(firstPanel + panelsPerChunk, weights.panels());
    for (int panel = firstPanel; panel < lastPanel; panel++) {
      panel(panel, firstRow, lastRow);
    }
    int column = firstPanel * NR;
    int count = Math.min(lastPanel * NR, n) - column;
    for (int row = firstRow; row < lastRow; row++) {
      long at = y + row * yRowBytes + column * 4L;
      if (bias != 0) {
        Vectors.add(at, bias + column * 4L, count);
      }
      if (epilogue != null) {
        epilogue.apply(at, row, column, count);
      }
    }
  }

  private void panel(int panel, int firstRow, int lastRow) {
    long scaleBytes = blocks * STEP;
    long sumBytes = BLOCKS * Q4Kernels.SUMS;
    long totalBytes = (lastRow - firstRow + 1L) * STEP; // one more, for the partner of an odd row
    long scales = pool.scratch(ScratchSlot.MATMUL_PANEL, scaleBytes + sumBytes + totalBytes);
    long sums = scales + scaleBytes;
    long totals = sums + sumBytes;
    ALL.asSlice(totals, totalBytes).fill((byte) 0);
    Q4Kernels.decodeScales(weights.panel(panel), blocks, scales);
    long cells = weights.panel(panel) + blocks * (NR * 2L);
    for (int from = 0; from < blocks; from += BLOCKS) {
      int length = Math.min(BLOCKS, blocks - from);
      for (int row = firstRow; row < lastRow; row += 2) {
        int coefficient = rows.group(row / 2) + from * 32;
        int first = rows.row(row) + from;
        for (int half = 0; half < 2; half++) {
          Q4Kernels.sums(
              cells + (half * blocks + from) * Q4Kernels.BLOCK,
              length,
              rows.coefficients,
              coefficient,
              rows.offsets,
              first,
              blocks,
              sums + half * HALF);
        }
        long total = totals + (row - firstRow) * STEP;
        Q4Kernels.scale(sums, length, scales + from * STEP, rows.scales, first, total);
        Q4Kernels.scale(sums + STEP, length, scales + from * STEP, rows.scales, first + blocks, total + STEP);
      }
    }
    int column = panel * NR;
    for (int row = firstRow; row < lastRow; row++) {
      long to = y + row * yRowBytes + column * 4L;
      Q4Kernels.finish(totals + (row - firstRow) * STEP, Math.min(NR, n - column), to);
    }
  }
}
