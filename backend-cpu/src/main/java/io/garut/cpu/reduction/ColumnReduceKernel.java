package io.garut.cpu.reduction;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.op.Reduction.Fold;
import java.lang.foreign.MemorySegment;

/**
 * Folds [outer, depth, width] over the middle axis, element by element. A sum is taken over runs of {@value #RUN}
 * rows, whose sums are added one after another. A unit is a strip of columns.
 */
final class ColumnReduceKernel extends RangeKernel {
  /** Rows in a run: an element goes through some 64 + depth/64 additions, not depth. */
  private static final int RUN = 64;

  /** Columns of a strip. */
  private static final int STRIP = 512;

  private final WorkerPool pool;
  private final Fold fold;
  private final long from;
  private final long to;
  private final long depth;
  private final long width;
  private final long strips;

  ColumnReduceKernel(WorkerPool pool, Fold fold, long from, long to, long outer, long depth, long width) {
    super(pool, outer * Math.ceilDiv(width, (long) STRIP), depth * Math.min(width + 16, STRIP));
    this.pool = pool;
    this.fold = fold;
    this.from = from;
    this.to = to;
    this.depth = depth;
    this.width = width;
    this.strips = Math.ceilDiv(width, (long) STRIP);
  }

  @Override
  protected void range(long first, long end) {
    long run = pool.scratch(ScratchSlot.ROWS, 4L * STRIP);
    for (long unit = first; unit < end; unit++) {
      long column = unit % strips * STRIP;
      int count = (int) Math.min(STRIP, width - column);
      long source = from + 4 * (unit / strips * depth * width + column);
      long target = to + 4 * (unit / strips * width + column);
      for (long row = 0; row < depth; row += RUN) {
        long into = row == 0 ? target : run;
        fold(source + 4 * row * width, (int) Math.min(RUN, depth - row), into, count);
        if (row > 0) {
          fold(run, target, count);
        }
      }
      for (int i = 0; fold == Fold.MEAN && i < count; i++) {
        ALL.set(Simd.FLOAT, target + 4L * i, ALL.get(Simd.FLOAT, target + 4L * i) / depth);
      }
    }
  }

  private void fold(long source, int rows, long target, int count) {
    MemorySegment.copy(ALL, source, ALL, target, 4L * count);
    for (int row = 1; row < rows; row++) {
      fold(source + 4L * row * width, target, count);
    }
  }

  private void fold(long source, long target, int count) {
    switch (fold) {
      case SUM, MEAN -> Folds.addTo(source, target, count);
      case MAX -> Folds.maxTo(source, target, count);
      case MIN -> Folds.minTo(source, target, count);
      case PROD, ANY, ALL -> throw new AssertionError(fold);
    }
  }
}
