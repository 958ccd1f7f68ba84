package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.SHORT;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.WorkerPool;
import java.util.concurrent.atomic.AtomicLong;

/** Transposes the cells of a plain weight into panels. A chunk is one panel. */
final class Packing implements WorkerPool.Task {
  /** Cells of a row that are moved before the next rows', so that what is written stays in the first-level cache. */
  private static final int RUN = 128;

  private final PanelLayout layout;
  private final int rows;
  private final int columns;
  private final long source;
  private final long target;
  private final AtomicLong firstNonFinite = new AtomicLong(Long.MAX_VALUE);

  Packing(PanelLayout layout, int rows, int columns, long source, long target) {
    this.layout = layout;
    this.rows = rows;
    this.columns = columns;
    this.source = source;
    this.target = target;
  }

  int chunks() {
    return (rows + NR - 1) / NR;
  }

  /** After the run: the index of the first element that is not finite, or −1. */
  long firstNonFinite() {
    long first = firstNonFinite.get();
    return first == Long.MAX_VALUE ? -1 : first;
  }

  @Override
  public void run(int panel) {
    int first = panel * NR;
    int count = Math.min(NR, rows - first);
    long rowBytes = layout.rowBytes(columns);
    long from = source + first * rowBytes;
    long to = target + panel * layout.panelBytes(columns);
    boolean clean;
    if (layout.hasBlocks()) {
      clean = scales(from, rowBytes, count, to);
      blocks(from + PanelLayout.SCALE_BYTES, rowBytes, count, to + layout.scaleBytes(columns));
    } else {
      int whole = columns / layout.elements();
      clean = cells(from, rowBytes, count, to, whole);
      if (whole < layout.cells(columns)) {
        clean &= lastHalfCells(from, rowBytes, count, to, whole);
      }
    }
    if (!clean) {
      firstNonFinite.accumulateAndGet(search(first, count), Math::min);
    }
  }

  /** Cells that lie one after the other in each row. True if all are finite. */
  private boolean cells(long from, long rowBytes, int rows, long to, int cells) {
    int bad = 0;
    int wholeRows = rows & ~3;
    int whole = cells & ~3;
    for (int done = 0; done < whole; done += RUN) {
      int squares = Math.min(RUN, whole - done) / 4;
      for (int row = 0; row < wholeRows; row += 4) {
        bad |= Transpose.checkedSquares(
            from + row * rowBytes + done * 4L,
            rowBytes,
            16,
            squares,
            to + row * 4L + done * STEP,
            STEP,
            4 * STEP,
            layout.mask(),
            layout.carry());
      }
    }
    for (int row = 0; row < rows; row++) {
      for (int cell = row < wholeRows ? whole : 0; cell < cells; cell++) {
        int bits = ALL.get(INT, from + row * rowBytes + cell * 4L);
        bad |= (bits & layout.mask()) + layout.carry();
        ALL.set(INT, to + cell * STEP + row * 4L, bits);
      }
    }
    return (bad & layout.full()) == 0;
  }

  private boolean lastHalfCells(long from, long rowBytes, int rows, long to, int cell) {
    boolean clean = true;
    for (int row = 0; row < rows; row++) {
      int bits = ALL.get(SHORT, from + row * rowBytes + cell * 4L) & 0xffff;
      clean &= !layout.notFinite(bits);
      ALL.set(INT, to + cell * STEP + row * 4L, bits);
    }
    return clean;
  }

  private void blocks(long from, long rowBytes, int rows, long to) {
    int perBlock = layout.cellsPerBlock(columns);
    int blocks = columns / 32;
    int wholeRows = rows & ~3;
    for (int row = 0; row < wholeRows; row += 4) {
      for (int cell = 0; cell < perBlock; cell += 4) {
        Transpose.checkedSquares(
            from + row * rowBytes + cell * 4L,
            rowBytes,
            layout.blockBytes(),
            blocks,
            to + layout.rowOffset(row, columns) + cell * HALF,
            HALF,
            perBlock * HALF,
            0,
            0);
      }
    }
    for (int row = wholeRows; row < rows; row++) {
      for (int block = 0; block < blocks; block++) {
        long at = from + row * rowBytes + (long) block * layout.blockBytes();
        long cells = to + layout.rowOffset(row, columns) + block * (perBlock * HALF);
        Transpose.single(at, 0, 4, 1, 0, perBlock, cells, HALF);
      }
    }
  }

  private boolean scales(long from, long rowBytes, int rows, long to) {
    int bad = 0;
    for (int block = 0; block < columns / 32; block++) {
      for (int row = 0; row < rows; row++) {
        int scale = ALL.get(SHORT, from + row * rowBytes + (long) block * layout.blockBytes()) & 0xffff;
        bad |= (scale & layout.mask()) + layout.carry();
        ALL.set(SHORT, to + block * (NR * 2L) + PanelLayout.scaleOffset(row), (short) scale);
      }
    }
    return (bad & layout.full()) == 0;
  }

  /** The row-major index of the first element of these rows that is not finite. */
  private long search(int firstRow, int count) {
    int step = layout.hasBlocks() ? 32 : 1;
    int stepBytes = layout.hasBlocks() ? layout.blockBytes() : layout.dtype().blockBytes();
    for (int row = firstRow; row < firstRow + count; row++) {
      long at = source + row * layout.rowBytes(columns);
      for (int column = 0; column < columns; column += step) {
        long element = at + (long) (column / step) * stepBytes;
        int bits = stepBytes == 4 ? ALL.get(INT, element) : ALL.get(SHORT, element) & 0xffff;
        if (layout.notFinite(bits)) {
          return (long) row * columns + column;
        }
      }
    }
    throw new AssertionError("the weight changed while it was packed");
  }
}
