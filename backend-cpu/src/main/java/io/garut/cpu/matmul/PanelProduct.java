package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.KC;
import static io.garut.cpu.matmul.Blocking.MR;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * C [M, N] = strips of packed rows · panels, on all threads. A chunk is a block of rows times a few panels; within it, blocks
 * of k are the outermost loop, so that the rows' part of such a block stays in the second-level cache for all panels, and a
 * panel's part, decoded or packed there if need be, for all rows.
 */
final class PanelProduct implements WorkerPool.Task {
  /** Strips of a chunk: 516 rows, whose share of a block of k takes 1 MB. */
  private static final int CHUNK_STRIPS = 86;

  /** Rows of a chunk. */
  static final int MC = CHUNK_STRIPS * MR;

  /** Multiply-adds that a chunk should have, so that claiming it costs nothing in comparison. */
  private static final long CHUNK_WORK = 1 << 22;

  private final WorkerPool pool;

  private boolean plain;
  private long columnStride;
  private long stepStride;
  private DType dtype;
  private long panels;
  private long panelBytes;
  private int columns;
  private long strips;
  private long stripBytes;
  private int m;
  private int n;
  private int k;
  private long c;
  private long rowBytes;
  private boolean accumulate;
  private long bias;
  private Epilogue epilogue;
  private int firstRow;
  private int panelsPerChunk;
  private int panelChunks;

  PanelProduct(WorkerPool pool) {
    this.pool = pool;
  }

  /**
   * The right side: {@code panels} is the address of panels of {@code dtype}, {@code panelBytes} apart, each with {@code
   * columns} steps of k.
   */
  void right(DType dtype, long panels, long panelBytes, int columns) {
    this.plain = false;
    this.dtype = dtype;
    this.panels = panels;
    this.panelBytes = panelBytes;
    this.columns = columns;
  }

  /**
   * The right side: a plain matrix of F32 at {@code b}, whose columns are {@code columnStride} bytes apart and whose steps of k
   * {@code stepStride}. Parts of its panels are packed where they are needed, by the thread that needs them.
   */
  void rightPlain(long b, long columnStride, long stepStride) {
    this.plain = true;
    this.panels = b;
    this.columnStride = columnStride;
    this.stepStride = stepStride;
  }

  /** The left side: strips of {@link RowPacking}, {@code stripBytes} apart. */
  void left(long strips, long stripBytes) {
    this.strips = strips;
    this.stripBytes = stripBytes;
  }

  /**
   * Computes C.
   *
   * @param c the address of C[0, 0]
   * @param rowBytes from one row of C to the next
   * @param accumulate whether to add to what is in C
   * @param bias the address of N floats, or 0
   * @param epilogue what to do with the results, or null
   * @param firstRow what the epilogue hears as the number of row 0
   */
  void run(
      int m, int n, int k, long c, long rowBytes, boolean accumulate, long bias, Epilogue epilogue, int firstRow) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.c = c;
    this.rowBytes = rowBytes;
    this.accumulate = accumulate;
    this.bias = bias;
    this.epilogue = epilogue;
    this.firstRow = firstRow;
    long workPerPanel = (long) Math.min(m, MC) * k * NR;
    panelsPerChunk = Math.clamp(CHUNK_WORK / Math.max(1, workPerPanel), 1, 16);
    panelChunks = Math.ceilDiv(Math.ceilDiv(n, NR), panelsPerChunk);
    pool.run(this, panelChunks * Math.ceilDiv(Strips.count(m), CHUNK_STRIPS));
  }

  @Override
  public void run(int chunk) {
    int firstStrip = chunk / panelChunks * CHUNK_STRIPS;
    int lastStrip = Math.min(firstStrip + CHUNK_STRIPS, Strips.count(m));
    int top = Strips.first(m, firstStrip);
    int lastRow = Strips.first(m, lastStrip);
    int firstPanel = chunk % panelChunks * panelsPerChunk;
    int lastPanel = Math.min(firstPanel + panelsPerChunk, Math.ceilDiv(n, NR));
    long decoded = !plain && dtype == DType.F32 ? 0 : pool.scratch(ScratchSlot.MATMUL_PANEL, KC * STEP);
    for (int from = 0; from < k; from += KC) {
      int steps = Math.min(KC, k - from);
      boolean add = accumulate || from > 0;
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        long b = decoded;
        if (decoded == 0) {
          b = panels + panel * panelBytes + from * STEP;
        } else if (plain) {
          long first = panels + (long) panel * NR * columnStride + from * stepStride;
          PlainPanel.pack(first, columnStride, stepStride, Math.min(NR, n - panel * NR), steps, decoded);
        } else {
          PanelDecoder.decode(dtype, panels + panel * panelBytes, columns, from, steps, decoded);
        }
        for (int strip = firstStrip; strip < lastStrip; strip++) {
          int row = Strips.first(m, strip);
          long a = strips + strip * stripBytes + from * GemmKernels.STRIP_STEP;
          tile(a, b, steps, row, Strips.first(m, strip + 1) - row, panel * NR, add);
        }
      }
    }
    int column = firstPanel * NR;
    int count = Math.min(lastPanel * NR, n) - column;
    if (k == 0 && !accumulate) {
      clear(top, lastRow, column, count);
    }
    if (bias != 0 || epilogue != null) {
      for (int row = top; row < lastRow; row++) {
        finish(c + row * rowBytes + column * 4L, row, column, count);
      }
    }
  }

  private void tile(long a, long b, int steps, int row, int rows, int column, boolean add) {
    int kernelRows = Strips.kernelRows(rows);
    int count = Math.min(NR, n - column);
    long to = c + row * rowBytes + column * 4L;
    if (kernelRows == rows && count == NR && !add) {
      kernel(kernelRows, a, b, steps, to, rowBytes);
      return;
    }
    long tile = pool.scratch(ScratchSlot.MATMUL_TILE, MR * STEP);
    kernel(kernelRows, a, b, steps, tile, STEP);
    if (add && count == NR) {
      Vectors.addTile(to, rowBytes, tile, rows);
      return;
    }
    for (int r = 0; r < rows; r++) {
      if (add) {
        Vectors.add(to + r * rowBytes, tile + r * STEP, count);
      } else {
        MemorySegment.copy(ALL, tile + r * STEP, ALL, to + r * rowBytes, count * 4L);
      }
    }
  }

  private static void kernel(int rows, long a, long b, int steps, long to, long rowBytes) {
    switch (rows) {
      case 2 -> GemmKernels.rows2(a, b, steps, to, rowBytes);
      case 4 -> GemmKernels.rows4(a, b, steps, to, rowBytes);
      default -> GemmKernels.rows6(a, b, steps, to, rowBytes);
    }
  }

  private void clear(int firstRow, int lastRow, int column, int count) {
    for (int row = firstRow; row < lastRow; row++) {
      ALL.asSlice(c + row * rowBytes + column * 4L, count * 4L).fill((byte) 0);
    }
  }

  private void finish(long address, int row, int column, int count) {
    if (bias != 0) {
      Vectors.add(address, bias + column * 4L, count);
    }
    if (epilogue != null) {
      epilogue.apply(address, firstRow + row, column, count);
    }
  }
}
