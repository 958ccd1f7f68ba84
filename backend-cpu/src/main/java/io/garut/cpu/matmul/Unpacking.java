package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.SHORT;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.WorkerPool;

/** The way back from panels. A chunk is one panel. */
final class Unpacking implements WorkerPool.Task {
  private final PackedWeights weights;
  private final long target;

  Unpacking(PackedWeights weights, long target) {
    this.weights = weights;
    this.target = target;
  }

  @Override
  public void run(int panel) {
    PanelLayout layout = weights.layout();
    int columns = weights.columns();
    long rowBytes = layout.rowBytes(columns);
    int last = Math.min(panel * NR + NR, weights.rows());
    for (int row = panel * NR; row < last; row++) {
      plainRow(row, layout, columns, target + row * rowBytes);
    }
  }

  private void plainRow(int row, PanelLayout layout, int columns, long to) {
    long cells = cellsOf(weights, row);
    if (!layout.hasBlocks()) {
      int whole = columns / layout.elements();
      for (int cell = 0; cell < whole; cell++) {
        ALL.set(INT, to + cell * 4L, ALL.get(INT, cells + cell * STEP));
      }
      if (whole < layout.cells(columns)) {
        ALL.set(SHORT, to + whole * 4L, (short) ALL.get(INT, cells + whole * STEP));
      }
      return;
    }
    int perBlock = layout.cellsPerBlock(columns);
    for (int block = 0; block < columns / 32; block++) {
      long at = to + (long) block * layout.blockBytes();
      ALL.set(SHORT, at, scale(weights, row, block));
      for (int cell = 0; cell < perBlock; cell++) {
        int bits = ALL.get(INT, cells + (block * perBlock + cell) * layout.step());
        ALL.set(INT, at + PanelLayout.SCALE_BYTES + cell * 4L, bits);
      }
    }
  }

  /** See {@link PackedWeights#readRow}. */
  static void decodeRow(PackedWeights weights, int row, long to) {
    long cells = cellsOf(weights, row);
    int columns = weights.columns();
    switch (weights.dtype()) {
      case F32 -> {
        for (int i = 0; i < columns; i++) {
          ALL.set(INT, to + i * 4L, ALL.get(INT, cells + i * STEP));
        }
      }
      case F16 -> {
        for (int i = 0; i < columns; i++) {
          ALL.set(FLOAT, to + i * 4L, Float.float16ToFloat(half(cells, i)));
        }
      }
      case BF16 -> {
        for (int i = 0; i < columns; i++) {
          ALL.set(INT, to + i * 4L, half(cells, i) << 16);
        }
      }
      case Q8_0 -> {
        for (int i = 0; i < columns; i++) {
          byte q = (byte) (ALL.get(INT, cells + i / 4 * HALF) >> i % 4 * 8);
          ALL.set(FLOAT, to + i * 4L, q * Float.float16ToFloat(scale(weights, row, i / 32)));
        }
      }
      case Q4_0 -> {
        for (int i = 0; i < columns; i++) {
          int inBlock = i % 32; // the low nibble of byte j is element j, the high one element j + 16
          int cell = ALL.get(INT, cells + (i / 32 * 4 + inBlock % 16 / 4) * HALF);
          int nibble = cell >>> inBlock % 4 * 8 + inBlock / 16 * 4 & 15;
          ALL.set(FLOAT, to + i * 4L, (nibble - 8) * Float.float16ToFloat(scale(weights, row, i / 32)));
        }
      }
      case F64, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(weights.dtype());
    }
  }

  private static short half(long cells, int i) {
    return (short) (ALL.get(INT, cells + i / 2 * STEP) >> i % 2 * 16);
  }

  /** The address of row {@code row}'s first cell. */
  private static long cellsOf(PackedWeights weights, int row) {
    PanelLayout layout = weights.layout();
    int columns = weights.columns();
    return weights.panel(row / NR) + layout.scaleBytes(columns) + layout.rowOffset(row % NR, columns);
  }

  private static short scale(PackedWeights weights, int row, int block) {
    int r = row % NR;
    return ALL.get(SHORT, weights.panel(row / NR) + block * (NR * 2L) + PanelLayout.scaleOffset(r));
  }
}
