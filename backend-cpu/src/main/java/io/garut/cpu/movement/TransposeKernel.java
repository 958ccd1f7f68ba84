package io.garut.cpu.movement;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;

/**
 * A copy in which another axis than the innermost is dense in the source. It goes in squares, so that a cache line is
 * used in full on both sides. A unit is a band of {@link #SIDE} indices of the dense axis, for one index of each of
 * the others.
 */
final class TransposeKernel extends RangeKernel {
  private static final int SIDE = 32;

  private final long from;
  private final long to;
  private final long[] dims;
  private final long[] strides;
  private final long[] targets;
  private final long dense;
  private final long denseTarget;
  private final long run;
  private final long runStride;
  private final long bands;
  private final int cell;

  private TransposeKernel(
      WorkerPool pool,
      long from,
      long to,
      long[] dims,
      long[] strides,
      long[] targets,
      long dense,
      long denseTarget,
      long run,
      long runStride,
      int cell) {
    super(pool, Arrays.stream(dims).reduce(1, (a, b) -> a * b) * Math.ceilDiv(dense, (long) SIDE), 2 * SIDE * run);
    this.from = from;
    this.to = to;
    this.dims = dims;
    this.strides = strides;
    this.targets = targets;
    this.dense = dense;
    this.denseTarget = denseTarget;
    this.run = run;
    this.runStride = runStride;
    this.bands = Math.ceilDiv(dense, (long) SIDE);
    this.cell = cell;
  }

  /** The kernel for a copy along merged axes, strides in bytes; null if it is not a transposition. */
  static Kernel of(WorkerPool pool, long from, long to, long[] dims, long[] strides, int cell) {
    int last = dims.length - 1;
    int axis = last - 1;
    while (axis >= 0 && strides[axis] != cell) {
      axis--;
    }
    if (axis < 0 || strides[last] == cell || strides[last] == 0) {
      return null;
    }
    long[] others = new long[last - 1];
    long[] steps = new long[last - 1];
    long[] targets = new long[last - 1];
    long target = dims[last] * cell;
    long denseTarget = 0;
    for (int i = last - 1, other = last - 2; i >= 0; i--) {
      if (i == axis) {
        denseTarget = target;
      } else {
        others[other] = dims[i];
        steps[other] = strides[i];
        targets[other] = target;
        other--;
      }
      target *= dims[i];
    }
    return new TransposeKernel(
        pool, from, to, others, steps, targets, dims[axis], denseTarget, dims[last], strides[last], cell);
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      long source = from + StridedCopy.offset(unit / bands, dims, strides);
      long target = to + StridedCopy.offset(unit / bands, dims, targets);
      long begin = unit % bands * SIDE;
      long stop = Math.min(begin + SIDE, dense);
      for (long i = 0; i < run; i += SIDE) {
        long count = Math.min(SIDE, run - i);
        for (long j = begin; j < stop; j++) {
          long at = source + i * runStride + j * cell;
          StridedCopy.gather(at, runStride, target + j * denseTarget + i * cell, count, cell);
        }
      }
    }
  }
}
