package io.garut.cpu.movement;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.lang.foreign.MemorySegment;

/** Tensors one after another along an axis; a unit is one index of the axes before it, a piece of each tensor. */
final class ConcatKernel extends RangeKernel {
  private final long[] from;
  private final long[] bytes;
  private final long to;
  private final long step;

  ConcatKernel(WorkerPool pool, Op op, int axis, Tensor[] in, Tensor out) {
    super(pool, out.shape().product(0, axis), piece(out, axis) / 2);
    from = new long[in.length];
    bytes = new long[in.length];
    for (int i = 0; i < in.length; i++) {
      from[i] = Operands.address(op, in[i]);
      bytes[i] = piece(in[i], axis);
    }
    to = Operands.address(op, out);
    step = piece(out, axis);
  }

  private static long piece(Tensor tensor, int axis) {
    return tensor.dtype().bytes(tensor.shape().product(axis, tensor.shape().rank()));
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      long target = to + unit * step;
      for (int i = 0; i < from.length; i++) {
        MemorySegment.copy(ALL, from[i] + unit * bytes[i], ALL, target, bytes[i]);
        target += bytes[i];
      }
    }
  }
}
