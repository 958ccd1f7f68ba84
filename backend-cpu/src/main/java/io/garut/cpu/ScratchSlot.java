package io.garut.cpu;

/**
 * The scratch buffers that every thread has, one of each. Work that runs inside other work (a product inside attention)
 * must use other slots than the work around it.
 */
public enum ScratchSlot {
  /** Activations, packed by the thread that starts a product and read by all. */
  MATMUL_ROWS,
  /** Plain weights, packed by all threads into the buffer of the thread that starts a product. */
  MATMUL_COLUMNS,
  /** The part of a panel that a thread is decoding. */
  MATMUL_PANEL,
  /** A tile at the edge of a result. */
  MATMUL_TILE,
  /** What attention keeps for one head. */
  ATTENTION,
  /** Of element-wise and row kernels. */
  ROWS
}
