package io.garut.cpu.indexing;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import java.lang.foreign.MemorySegment;

/** Slices by index, of any plain type; a unit is a slice, which lies in one piece. */
final class IndexSelectKernel extends RangeKernel {
  private final Indices indices;
  private final long from;
  private final long to;
  private final long count;
  private final long length;
  private final long bytes;

  IndexSelectKernel(WorkerPool pool, Indexing.IndexSelect op, Tensor[] in, Tensor out) {
    this(pool, op, in, out, in[0].shape().axis(op.axis()));
  }

  private IndexSelectKernel(WorkerPool pool, Indexing.IndexSelect op, Tensor[] in, Tensor out, int axis) {
    super(pool, out.shape().product(0, axis + 1), bytes(in[0], axis) / 2);
    indices = new Indices(op, in[1], in[0], axis);
    from = Operands.address(op, in[0]);
    to = Operands.address(op, out);
    count = in[1].elements();
    length = in[0].shape().dim(axis);
    bytes = bytes(in[0], axis);
  }

  private static long bytes(Tensor tensor, int axis) {
    Shape shape = tensor.shape();
    return tensor.dtype().bytes(shape.product(axis + 1, shape.rank()));
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      long row = unit / count * length + indices.at(unit % count);
      MemorySegment.copy(ALL, from + row * bytes, ALL, to + unit * bytes, bytes);
    }
  }
}
