package io.garut.cpu.indexing;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.reduction.Folds;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * F32 slices added to those that indices name; a unit is a slice of the result. The slices that go to the same one are linked
 * in a chain first, in ascending order, so each result is written by one thread.
 */
final class SegmentSumKernel extends RangeKernel {
  private static final int NONE = -1;

  private final WorkerPool pool;
  private final Indices indices;
  private final long from;
  private final long to;
  private final int count;
  private final int length;

  /** Elements of a slice. */
  private final int inner;

  /** Of the present run: for each slice of the result the first one that goes there, I32. */
  private long heads;

  /** For each slice the next one that goes to the same. */
  private long nexts;

  private SegmentSumKernel(WorkerPool pool, Indexing.SegmentSum op, Tensor[] in, Tensor out, int axis, int inner) {
    super(pool, out.shape().product(0, axis + 1), inner + 4L);
    this.pool = pool;
    this.inner = inner;
    indices = new Indices(op, in[1], out, axis);
    from = Operands.address(op, in[0]);
    to = Operands.address(op, out);
    count = Operands.size(in[1].elements());
    length = Operands.size(out.shape().dim(axis));
  }

  static Kernel of(WorkerPool pool, Indexing.SegmentSum op, Tensor[] in, Tensor out) {
    Shape shape = out.shape();
    int axis = shape.axis(op.axis());
    int inner = Operands.size(shape.product(axis + 1, shape.rank()));
    SegmentSumKernel kernel = new SegmentSumKernel(pool, op, in, out, axis, inner);
    return () -> {
      kernel.link();
      kernel.run();
    };
  }

  private void link() {
    heads = pool.scratch(ScratchSlot.ROWS, 4L * length + 4L * count);
    nexts = heads + 4L * length;
    for (int i = 0; i < length; i++) {
      ALL.set(Simd.INT, heads + 4L * i, NONE);
    }
    for (int i = 0; i < count; i++) {
      indices.at(i);
    }
    for (int i = count - 1; i >= 0; i--) {
      long head = heads + 4 * indices.at(i);
      ALL.set(Simd.INT, nexts + 4L * i, ALL.get(Simd.INT, head));
      ALL.set(Simd.INT, head, i);
    }
  }

  @Override
  protected void range(long first, long end) {
    long bytes = 4L * inner;
    for (long unit = first; unit < end; unit++) {
      long target = to + unit * bytes;
      int slice = ALL.get(Simd.INT, heads + 4 * (unit % length));
      if (slice == NONE) {
        ALL.asSlice(target, bytes).fill((byte) 0);
        continue;
      }
      long source = from + unit / length * count * bytes;
      MemorySegment.copy(ALL, source + slice * bytes, ALL, target, bytes);
      slice = ALL.get(Simd.INT, nexts + 4L * slice);
      while (slice != NONE) {
        Folds.addTo(source + slice * bytes, target, inner);
        slice = ALL.get(Simd.INT, nexts + 4L * slice);
      }
    }
  }
}
