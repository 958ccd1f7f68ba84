package io.garut.cpu.pointwise;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;

/** A function of every element of a tensor of F32, F16 or BF16. A unit is a block. */
final class MapKernel extends RangeKernel {
  private static final int BLOCK = FloatMap.BLOCK;

  /** What an element costs at most, against one that is only copied. */
  private static final int COST = 4;

  private final WorkerPool pool;
  private final FloatMap map;
  private final DType type;
  private final long from;
  private final long to;
  private final long count;

  MapKernel(WorkerPool pool, FloatMap map, DType type, long from, long to, long count) {
    super(pool, Math.ceilDiv(count, (long) BLOCK), BLOCK * COST);
    this.pool = pool;
    this.map = map;
    this.type = type;
    this.from = from;
    this.to = to;
    this.count = count;
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      int now = (int) Math.min(BLOCK, count - unit * BLOCK);
      long source = from + type.bytes(unit * BLOCK);
      long target = to + type.bytes(unit * BLOCK);
      if (type == DType.F32) {
        map.apply(pool, source, target, now);
      } else {
        long block = pool.scratch(ScratchSlot.ROWS, 2 * 4L * BLOCK);
        CastKernel.decode(type, source, block, now);
        int whole = Math.ceilDiv(now, Simd.LANES) * Simd.LANES; // what lies behind is not written back
        map.vectors(block, block, whole, block + 4L * BLOCK);
        CastKernel.encode(type, block, target, now);
      }
    }
  }
}
