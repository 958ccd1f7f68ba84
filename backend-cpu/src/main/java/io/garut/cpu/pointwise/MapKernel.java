package io.garut.cpu.pointwise;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;

/** A function of every element of an F32 tensor. */
final class MapKernel extends RangeKernel {
  /** Elements that are one unit of work. */
  private static final int UNIT = 1024;

  /** What an element costs at most, against one that is only copied. */
  private static final int COST = 4;

  private final WorkerPool pool;
  private final FloatMap map;
  private final long from;
  private final long to;
  private final long count;

  MapKernel(WorkerPool pool, FloatMap map, long from, long to, long count) {
    super(pool, Math.ceilDiv(count, (long) UNIT), UNIT * COST);
    this.pool = pool;
    this.map = map;
    this.from = from;
    this.to = to;
    this.count = count;
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      long at = unit * UNIT;
      map.apply(pool, from + 4 * at, to + 4 * at, (int) Math.min(UNIT, count - at));
    }
  }
}
