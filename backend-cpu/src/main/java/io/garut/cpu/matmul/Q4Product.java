package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;

import io.garut.cpu.Lanes;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;

/**
 * Several rows of a linear layer with weights of Q4_0, some hundred at a time. A row gets the bits that it would get alone. A
 * chunk is a few panels for all rows of such a block.
 */
final class Q4Product implements WorkerPool.Task {
  /** Rows that are quantised, and multiplied by all panels, before the next ones. */
  static final int BLOCK_ROWS = 512;

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

  /** The present block: its first row, and how many there are. */
  private int firstRow;

  private int count;

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
    this.rows = new Int8Rows(Math.min(m, BLOCK_ROWS), weights.columns(), 2);
    panelsPerChunk = Math.clamp(CHUNK_WORK / ((long) Math.min(m, BLOCK_ROWS) * weights.columns() * NR), 1, 16);
    panelChunks = Math.ceilDiv(weights.panels(), panelsPerChunk);
  }

  void run() {
    rows.place(pool.scratch(ScratchSlot.MATMUL_ROWS, rows.bytes()));
    for (firstRow = 0; firstRow < m; firstRow += BLOCK_ROWS) {
      count = Math.min(BLOCK_ROWS, m - firstRow);
      pool.run(quantise, count);
      pool.run(this, panelChunks);
    }
  }

  private void quantise(int row) {
    rows.quantise(row, x + (firstRow + row) * xRowBytes);
  }

  @Override
  public void run(int chunk) {
    int firstPanel = chunk * panelsPerChunk;
    int lastPanel = Math.min(firstPanel + panelsPerChunk, weights.panels());
    for (int panel = firstPanel; panel < lastPanel; panel++) {
      panel(panel);
    }
    int column = firstPanel * NR;
    int width = Math.min(lastPanel * NR, n) - column;
    for (int row = firstRow; row < firstRow + count; row++) {
      long at = y + row * yRowBytes + column * 4L;
      if (bias != 0) {
        Vectors.add(at, bias + column * 4L, width);
      }
      if (epilogue != null) {
        epilogue.apply(at, row, column, width);
      }
    }
  }

  private void panel(int panel) {
    long scaleBytes = blocks * STEP;
    long sumBytes = BLOCKS * Q4Kernels.SUMS;
    long totalBytes = (count + 1L) * STEP; // one more, for the partner of an odd row
    long scales = pool.scratch(ScratchSlot.MATMUL_PANEL, scaleBytes + sumBytes + totalBytes);
    long sums = scales + scaleBytes;
    long totals = sums + sumBytes;
    Lanes.clear(totals, (int) (totalBytes / Simd.BYTES));
    Q4Kernels.decodeScales(weights.panel(panel), blocks, scales);
    long cells = weights.panel(panel) + blocks * (NR * 2L);
    for (int from = 0; from < blocks; from += BLOCKS) {
      int length = Math.min(BLOCKS, blocks - from);
      for (int row = 0; row < count; row += 2) {
        long coefficients = rows.coefficients(row / 2) + from * 128L;
        long offsets = rows.offsets(row) + from * 4L;
        long rowScales = rows.scales(row) + from * 4L;
        for (int half = 0; half < 2; half++) {
          Q4Kernels.sums(
              cells + (half * blocks + from) * Q4Kernels.BLOCK,
              length,
              coefficients,
              sums + half * HALF);
        }
        long total = totals + row * STEP;
        Q4Kernels.scale(sums, length, scales + from * STEP, rowScales, offsets, total);
        Q4Kernels.scale(
            sums + STEP, length, scales + from * STEP, rowScales + blocks * 4L, offsets + blocks * 4L, total + STEP);
      }
    }
    int column = panel * NR;
    for (int row = 0; row < count; row++) {
      long to = y + (firstRow + row) * yRowBytes + column * 4L;
      Q4Kernels.finish(totals + row * STEP, Math.min(NR, n - column), to);
    }
  }
}
