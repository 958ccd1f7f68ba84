package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.MR;

/**
 * How M rows are cut into strips: six rows each, and what is left in a way that no kernel is short of accumulators. Seven or
 * eight rows at the end are two strips of four, for kernels of four rows run at nearly the speed of six, those of two at half.
 */
final class Strips {
  private Strips() {}

  /** Number of strips. */
  static int count(int m) {
    return (m + MR - 1) / MR;
  }

  /** The first row of strip {@code strip}; M for the one past the last. */
  static int first(int m, int strip) {
    int sixes = sixes(m);
    return Math.min(m, strip <= sixes ? strip * MR : sixes * MR + (strip - sixes) * 4);
  }

  /** Strips of six rows, or five, in front. */
  private static int sixes(int m) {
    int rest = m % MR;
    int whole = m / MR;
    return rest == 0 || rest > 4 ? count(m) : rest > 2 ? whole : Math.max(0, whole - 1);
  }

  /** The rows that a kernel computes for a strip of {@code rows}; what is too much are zeros. */
  static int kernelRows(int rows) {
    return (rows + 1) & ~1;
  }
}
