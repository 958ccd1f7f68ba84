package io.garut.cpu.pointwise;

import io.garut.cpu.Simd;

/** What flows back through a function of every F32 element: {@code dx = dy · f′(x)}, at absolute addresses. */
@FunctionalInterface
interface FloatSlope {
  /** Elements that {@link #vectors} takes at most. */
  int BLOCK = 1024;

  /**
   * Whole vectors only, a block at most.
   *
   * @param dx none of the other two
   * @param count a multiple of {@link Simd#LANES}, up to {@link #BLOCK}
   * @param scratch room for {@link #BLOCK} elements
   */
  void vectors(long x, long dy, long dx, int count, long scratch);
}
