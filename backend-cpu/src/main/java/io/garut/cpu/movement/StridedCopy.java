package io.garut.cpu.movement;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Copies a strided view into a dense tensor. Axes that lie in one piece on both sides are merged first; the innermost
 * axis that is left is a run: copied at once, or filled with one cell, or gathered. A unit is a run.
 */
final class StridedCopy extends RangeKernel {
  private final long from;
  private final long to;
  private final long[] dims;
  private final long[] strides;
  private final long run;
  private final long runStride;
  private final int cell;

  private StridedCopy(WorkerPool pool, long from, long to, long[] dims, long[] strides, int cell) {
    super(pool, product(dims, dims.length - 1), Math.max(4, dims[dims.length - 1] * cell / 4));
    int outer = dims.length - 1;
    this.from = from;
    this.to = to;
    this.dims = Arrays.copyOf(dims, outer);
    this.strides = Arrays.copyOf(strides, outer);
    this.run = dims[outer];
    this.runStride = strides[outer];
    this.cell = cell;
  }

  /** The dimensions of {@code tensor} in cells: elements, or blocks. */
  static Shape cells(Tensor tensor) {
    Shape shape = tensor.shape();
    int block = tensor.dtype().blockSize();
    return block == 1 ? shape : shape.with(-1, shape.last() / block);
  }

  /**
   * The copy of {@code in} into {@code out}.
   *
   * @param strides of {@code in}, in cells, along the axes of {@code out}
   * @param first cell of {@code in}
   */
  static Kernel of(WorkerPool pool, Op op, Tensor in, long[] strides, long first, Tensor out) {
    int cell = out.dtype().blockBytes();
    long[] dims = new long[out.shape().rank() + 1];
    long[] steps = new long[dims.length];
    int rank = 0;
    for (int i = 0; i < strides.length; i++) {
      long dim = cells(out).dim(i);
      long step = strides[i] * cell;
      if (dim == 1) {
        continue;
      }
      if (rank > 0 && steps[rank - 1] == step * dim) {
        dims[rank - 1] *= dim;
        steps[rank - 1] = step;
      } else {
        dims[rank] = dim;
        steps[rank] = step;
        rank++;
      }
    }
    if (rank == 0) {
      dims[rank] = 1;
      steps[rank] = cell;
      rank++;
    }
    long from = Operands.address(op, in) + first * cell;
    long to = Operands.address(op, out);
    long[] all = Arrays.copyOf(dims, rank);
    long[] by = Arrays.copyOf(steps, rank);
    Kernel transposed = TransposeKernel.of(pool, from, to, all, by, cell);
    return transposed != null ? transposed : new StridedCopy(pool, from, to, all, by, cell);
  }

  private static long product(long[] dims, int count) {
    long product = 1;
    for (int i = 0; i < count; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** Where {@code index}, counted along {@code dims}, lies with {@code strides}. */
  static long offset(long index, long[] dims, long[] strides) {
    long offset = 0;
    for (int i = dims.length - 1; i >= 0; i--) {
      offset += index % dims[i] * strides[i];
      index /= dims[i];
    }
    return offset;
  }

  @Override
  protected void range(long first, long end) {
    long bytes = run * cell;
    for (long unit = first; unit < end; unit++) {
      long source = from + offset(unit, dims, strides);
      long target = to + unit * bytes;
      if (runStride == cell) {
        MemorySegment.copy(ALL, source, ALL, target, bytes);
      } else {
        gather(source, runStride, target, run, cell);
      }
    }
  }

  /** Copies {@code count} cells that are {@code stride} bytes apart, 0 to repeat one. */
  static void gather(long source, long stride, long target, long count, int cell) {
    switch (cell) {
      case 1 -> {
        for (long i = 0; i < count; i++) {
          ALL.set(Cells.BYTE, target + i, ALL.get(Cells.BYTE, source + i * stride));
        }
      }
      case 2 -> {
        for (long i = 0; i < count; i++) {
          ALL.set(Cells.SHORT, target + 2 * i, ALL.get(Cells.SHORT, source + i * stride));
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          ALL.set(Cells.INT, target + 4 * i, ALL.get(Cells.INT, source + i * stride));
        }
      }
      case 8 -> {
        for (long i = 0; i < count; i++) {
          ALL.set(Cells.LONG, target + 8 * i, ALL.get(Cells.LONG, source + i * stride));
        }
      }
      default -> { // blocks
        for (long i = 0; i < count; i++) {
          MemorySegment.copy(ALL, source + i * stride, ALL, target + i * cell, cell);
        }
      }
    }
  }
}
