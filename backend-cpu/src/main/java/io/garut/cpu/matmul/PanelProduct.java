package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.matmul.Blocking.KC;
import static io.garut.cpu.matmul.Blocking.MR;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;

/**
 * C [M, N] = strips of packed rows · panels, on all threads. A chunk is a block of rows times a few panels; within it, blocks
 * of k are the outermost loop, so that the rows' part of such a block stays in the second-level cache for all panels, and a
 * panel's part, decoded there if need be, for all rows.
 */
final class PanelProduct implements WorkerPool.Task {
  /** Rows of a chunk: 16 strips, whose share of a block of k takes 384 KB. */
  static final int MC = 16 * MR;

  /** Multiply-adds that a chunk should have, so that claiming it costs nothing in comparison. */
  private static final long CHUNK_WORK = 1 << 22;

  /** Whether the kernels with 24 accumulators may be used: x86 has 32 vector registers with AVX-512 only, ARM always. */
  private static final boolean WIDE = Simd.BITS == 512 || System.getProperty("os.arch").equals("aarch64");

  private final WorkerPool pool;

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
    this.dtype = dtype;
    this.panels = panels;
    this.panelBytes = panelBytes;
    this.columns = columns;
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
   */
  void run(int m, int n, int k, long c, long rowBytes, boolean accumulate, long bias, Epilogue epilogue) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.c = c;
    this.rowBytes = rowBytes;
    this.accumulate = accumulate;
    this.bias = bias;
    this.epilogue = epilogue;
    long workPerPanel = (long) Math.min(m, MC) * k * NR;
    panelsPerChunk = Math.clamp(CHUNK_WORK / Math.max(1, workPerPanel), 1, 16);
    panelChunks = Math.ceilDiv(Math.ceilDiv(n, NR), panelsPerChunk);
    pool.run(this, panelChunks * Math.ceilDiv(m, MC));
  }

  @Override
  public void run(int chunk) {
    int firstRow = chunk / panelChunks * MC;
    int lastRow = Math.min(firstRow + MC, m);
    int firstPanel = chunk % panelChunks * panelsPerChunk;
    int lastPanel = Math.min(firstPanel + panelsPerChunk, Math.ceilDiv(n, NR));
    long decoded = dtype == DType.F32 ? 0 : pool.scratch(ScratchSlot.MATMUL_PANEL, KC * STEP);
    for (int from = 0; from < k; from += KC) {
      int steps = Math.min(KC, k - from);
      boolean add = accumulate || from > 0;
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        long b;
        if (decoded == 0) {
          b = panels + panel * panelBytes + from * STEP;
        } else {
          PanelDecoder.decode(dtype, panels + panel * panelBytes, columns, from, steps, decoded);
          b = decoded;
        }
        for (int row = firstRow; row < lastRow; row += MR) {
          long a = strips + row / MR * stripBytes + from * GemmKernels.STRIP_STEP;
          tile(a, b, steps, row, Math.min(MR, lastRow - row), panel * NR, add);
        }
      }
    }
    int column = firstPanel * NR;
    int count = Math.min(lastPanel * NR, n) - column;
    if (k == 0 && !accumulate) {
      clear(firstRow, lastRow, column, count);
    }
    if (bias != 0 || epilogue != null) {
      for (int row = firstRow; row < lastRow; row++) {
        finish(c + row * rowBytes + column * 4L, row, column, count);
      }
    }
  }

  private void tile(long a, long b, int steps, int row, int rows, int column, boolean add) {
    int kernelRows = kernelRows(rows);
    int count = Math.min(NR, n - column);
    long to = c + row * rowBytes + column * 4L;
    if (kernelRows == rows && count == NR) {
      kernel(kernelRows, a, b, steps, to, rowBytes, add);
      return;
    }
    long tile = pool.scratch(ScratchSlot.MATMUL_TILE, MR * STEP);
    kernel(kernelRows, a, b, steps, tile, STEP, false);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < count; i++) {
        float value = ALL.get(FLOAT, tile + r * STEP + i * 4L);
        long at = to + r * rowBytes + i * 4L;
        ALL.set(FLOAT, at, add ? ALL.get(FLOAT, at) + value : value);
      }
    }
  }

  /** The least number of rows, {@code rows} or more, that a kernel computes. Rows without use are zeros in the strip. */
  static int kernelRows(int rows) {
    return rows <= 2 ? rows : rows <= 4 ? 4 : rows <= 6 ? 6 : rows <= 8 ? 8 : 12;
  }

  private static void kernel(int rows, long a, long b, int steps, long to, long rowBytes, boolean add) {
    switch (rows) {
      case 1 -> GemmKernels.rows1(a, b, steps, to, rowBytes, add);
      case 2 -> GemmKernels.rows2(a, b, steps, to, rowBytes, add);
      case 4 -> GemmKernels.rows4(a, b, steps, to, rowBytes, add);
      case 6 -> GemmKernels.rows6(a, b, steps, to, rowBytes, add);
      case 8 -> {
        if (WIDE) {
          WideGemmKernels.rows8(a, b, steps, to, rowBytes, add);
        } else {
          GemmKernels.rows4(a, b, steps, to, rowBytes, add);
          GemmKernels.rows4(a + 16, b, steps, to + 4 * rowBytes, rowBytes, add);
        }
      }
      default -> {
        if (WIDE) {
          WideGemmKernels.rows12(a, b, steps, to, rowBytes, add);
        } else {
          GemmKernels.rows6(a, b, steps, to, rowBytes, add);
          GemmKernels.rows6(a + 24, b, steps, to + 6 * rowBytes, rowBytes, add);
        }
      }
    }
  }

  private void clear(int firstRow, int lastRow, int column, int count) {
    for (int row = firstRow; row < lastRow; row++) {
      ALL.asSlice(c + row * rowBytes + column * 4L, count * 4L).fill((byte) 0);
    }
  }

  private void finish(long address, int row, int column, int count) {
    if (bias != 0) {
      Bias.add(address, bias + column * 4L, count);
    }
    if (epilogue != null) {
      epilogue.apply(address, row, column, count);
    }
  }
}
