package io.garut.cpu.pointwise;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import java.lang.foreign.MemorySegment;

/**
 * A {@link FloatSlope} over a whole tensor. A unit is a block; the last few elements are computed by the same loop in a
 * buffer, so that an element's value does not depend on where it stands.
 */
final class SlopeKernel extends RangeKernel {
  private static final int BLOCK = FloatSlope.BLOCK;

  /** What an element costs at most, against one that is only copied. */
  private static final int COST = 8;

  private final WorkerPool pool;
  private final FloatSlope slope;
  private final long x;
  private final long dy;
  private final long dx;
  private final long count;

  SlopeKernel(WorkerPool pool, FloatSlope slope, long x, long dy, long dx, long count) {
    super(pool, Math.ceilDiv(count, (long) BLOCK), BLOCK * COST);
    this.pool = pool;
    this.slope = slope;
    this.x = x;
    this.dy = dy;
    this.dx = dx;
    this.count = count;
  }

  @Override
  protected void range(long first, long end) {
    long scratch = pool.scratch(ScratchSlot.ROWS, 4L * BLOCK + 3L * Simd.BYTES);
    for (long unit = first; unit < end; unit++) {
      long at = 4 * unit * BLOCK;
      int now = (int) Math.min(BLOCK, count - unit * BLOCK);
      int whole = now / Simd.LANES * Simd.LANES;
      slope.vectors(x + at, dy + at, dx + at, whole, scratch);
      if (whole < now) {
        last(at + 4L * whole, 4L * (now - whole), scratch);
      }
    }
  }

  private void last(long at, long bytes, long scratch) {
    long a = scratch + 4L * BLOCK;
    long b = a + Simd.BYTES;
    long c = b + Simd.BYTES;
    Lanes.clear(a, 2);
    MemorySegment.copy(ALL, x + at, ALL, a, bytes);
    MemorySegment.copy(ALL, dy + at, ALL, b, bytes);
    slope.vectors(a, b, c, Simd.LANES, scratch);
    MemorySegment.copy(ALL, c, ALL, dx + at, bytes);
  }
}
