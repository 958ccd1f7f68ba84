package io.garut.cpu.product;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.pointwise.FloatMap;
import jdk.incubator.vector.FloatVector;

/**
 * Bias and activation of a linear layer in place, where the product does not take them along. A unit is a piece of a
 * row.
 */
final class FinishKernel extends RangeKernel {
  private static final int PIECE = 1024;

  private final WorkerPool pool;
  private final long bias;
  private final FloatMap activation;
  private final long y;
  private final int width;
  private final int pieces;

  /**
   * Over y [rows, width].
   *
   * @param bias the address of [width], 0 for none
   */
  FinishKernel(WorkerPool pool, long bias, FloatMap activation, long y, long rows, int width) {
    super(pool, rows * Math.ceilDiv(width, PIECE), 4L * Math.min(width, PIECE));
    this.pool = pool;
    this.bias = bias;
    this.activation = activation;
    this.y = y;
    this.width = width;
    this.pieces = Math.ceilDiv(width, PIECE);
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      int column = (int) (unit % pieces) * PIECE;
      int count = Math.min(PIECE, width - column);
      long at = y + 4 * (unit / pieces * width + column);
      if (bias != 0) {
        add(at, bias + 4L * column, count);
      }
      activation.apply(pool, at, at, count);
    }
  }

  private static void add(long y, long bias, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE)
          .add(FloatVector.fromMemorySegment(F32, ALL, bias + 4L * i, LE))
          .intoMemorySegment(ALL, y + 4L * i, LE);
    }
    for (; i < n; i++) {
      ALL.set(Simd.FLOAT, y + 4L * i, ALL.get(Simd.FLOAT, y + 4L * i) + ALL.get(Simd.FLOAT, bias + 4L * i));
    }
  }
}
