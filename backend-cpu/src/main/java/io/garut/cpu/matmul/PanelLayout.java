package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;

import io.garut.tensor.DType;

/**
 * How a weight of one element type lies in panels.
 *
 * <p>A row of the weight is cut into cells of 32 bits: one F32, two F16 or BF16, four bytes of a Q8_0 block or four bytes
 * (eight nibbles) of a Q4_0 block. A panel holds, cell after cell, that cell of 32 rows side by side. In block formats it has
 * two halves of 16 rows each instead, so that a small kernel reads two streams at once, and the F16 scales in front, block
 * after block: 16 ints, the i-th with the scale of row i in its lower half and that of row i + 16 in its upper. Bits are
 * those of the plain weight; a panel takes 32 rows' worth of bytes, a half cell at the end of an odd row of 16-bit elements
 * rounded up.
 *
 * @param elements steps of k in a cell
 * @param blockBytes bytes of a block of the plain format with its scale in front; 0 where there are no blocks
 * @param mask bits of a cell, or of an int of scales, that are exponents
 * @param carry what makes a full exponent overflow into {@code full}
 */
record PanelLayout(DType dtype, int elements, int blockBytes, int mask, int carry, int full) {
  /** Bytes in front of a block's first cell in the plain format. */
  static final int SCALE_BYTES = 2;

  /**
   * The layout of {@code dtype}.
   *
   * @throws IllegalArgumentException if it is none that kernels read
   */
  static PanelLayout of(DType dtype) {
    return switch (dtype) {
      case F32 -> new PanelLayout(dtype, 1, 0, 0x7f800000, 0x00800000, 0x80000000);
      case F16 -> new PanelLayout(dtype, 2, 0, 0x7c007c00, 0x04000400, 0x80008000);
      case BF16 -> new PanelLayout(dtype, 2, 0, 0x7f807f80, 0x00800080, 0x80008000);
      case Q8_0 -> new PanelLayout(dtype, 4, 34, 0x7c007c00, 0x04000400, 0x80008000);
      case Q4_0 -> new PanelLayout(dtype, 8, 18, 0x7c007c00, 0x04000400, 0x80008000);
      case F64, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new IllegalArgumentException(
              "no kernel reads weights of " + dtype + "; convert them to F32, F16, BF16, Q8_0 or Q4_0");
    };
  }

  /** Whether there are scales. */
  boolean hasBlocks() {
    return blockBytes > 0;
  }

  /** Cells of a row of {@code columns} elements. */
  int cells(int columns) {
    return (columns + elements - 1) / elements;
  }

  /** Cells of a block; all of them where there are no blocks. */
  int cellsPerBlock(int columns) {
    return hasBlocks() ? 32 / elements : cells(columns);
  }

  /** Bytes of the scales at the beginning of a panel. */
  long scaleBytes(int columns) {
    return hasBlocks() ? columns / 32 * (NR * 2L) : 0;
  }

  /** Bytes from a block's first scale to that of row {@code row} of the panel. */
  static long scaleOffset(int row) {
    return (row & 15) * 4L + (row >> 4) * 2L;
  }

  /** Bytes from one cell of a row to its next. */
  long step() {
    return hasBlocks() ? Blocking.HALF : STEP;
  }

  /** Bytes from the cells of the first row of a panel to those of row {@code row}. */
  long rowOffset(int row, int columns) {
    return hasBlocks() ? (row >> 4) * (cells(columns) * Blocking.HALF) + (row & 15) * 4L : row * 4L;
  }

  /** Bytes of a panel; a multiple of 64. */
  long panelBytes(int columns) {
    return scaleBytes(columns) + cells(columns) * STEP;
  }

  /** Bytes from one row of the plain weight to the next. */
  long rowBytes(int columns) {
    return dtype.bytes(columns);
  }

  /** Whether one of the numbers in these bits is infinite or NaN. */
  boolean notFinite(int bits) {
    return ((bits & mask) + carry & full) != 0;
  }
}
