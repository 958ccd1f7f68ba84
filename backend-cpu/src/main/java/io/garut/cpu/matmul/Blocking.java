package io.garut.cpu.matmul;

/** The sizes of blocks. They are constants, so that sums have the same order everywhere. */
final class Blocking {
  /** Columns of a panel. */
  static final int NR = 32;

  /** Bytes of one step of a panel of 32-bit cells. */
  static final long STEP = NR * 4L;

  /**
   * Bytes from a column of a panel to the one 16 further. Kernels hold two vectors of each panel, this far apart whatever
   * their width: narrower vectors take more passes over the panel.
   */
  static final long HALF = STEP / 2;

  /**
   * Rows of a strip of packed activations. Two vectors of columns each take 12 accumulators, so that 16 registers are
   * enough.
   */
  static final int MR = 6;

  /**
   * Steps of k that are summed before their sum is added to the total. Six rows of them are 12 KB, and stay in the
   * first-level cache.
   */
  static final int KC = 512;

  private Blocking() {}
}
