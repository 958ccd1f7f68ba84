package io.garut.cpu.reduction;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;
import java.util.List;

/**
 * Chooses kernels for reductions. There are vector forms for F32, over neighbouring axes, and along the last axis;
 * the rest goes to the plain loops.
 */
public final class ReductionKernels {
  private ReductionKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Reduction op, Tensor[] in, Tensor[] out) {
    boolean single = in[0].dtype() == DType.F32;
    Kernel fast =
        switch (op) {
          case Reduction.Reduce reduce -> single ? reduce(pool, reduce, in[0], out[0]) : null;
          case Reduction.ArgMax argMax -> single ? argMax(pool, argMax, in[0], out[0]) : null;
          case Reduction.Softmax softmax -> single ? softmax(pool, softmax, in[0], out[0]) : null;
          case Reduction.FirstNonFinite _ -> firstNonFinite(pool, op, in[0], out[0]);
          case Reduction.SquareSums(var run) -> single ? squareSums(pool, op, run, in[0], out[0]) : null;
          case Reduction.TopK _ -> null;
        };
    return fast != null ? fast : ReferenceKernels.bind(op, in, out);
  }

  private static Kernel reduce(WorkerPool pool, Reduction.Reduce op, Tensor in, Tensor out) {
    Fold fold = op.fold();
    Shape shape = in.shape();
    List<Integer> axes = op.axes(shape);
    if (fold == Fold.PROD || axes.isEmpty() || in.elements() == 0) {
      return null;
    }
    int first = axes.getFirst();
    int last = axes.getLast();
    if (last - first + 1 != axes.size()) {
      return null;
    }
    long from = Operands.address(op, in);
    long to = Operands.address(op, out);
    long outer = shape.product(0, first);
    long depth = shape.product(first, last + 1);
    long width = shape.product(last + 1, shape.rank());
    return width == 1
        ? new RowReduceKernel(pool, fold, from, to, outer, depth)
        : new ColumnReduceKernel(pool, fold, from, to, outer, depth, width);
  }

  private static Kernel argMax(WorkerPool pool, Reduction.ArgMax op, Tensor in, Tensor out) {
    if (!last(in, op.axis())) {
      return null;
    }
    long from = Operands.address(op, in);
    int width = Operands.size(in.shape().last());
    return new ArgMaxKernel(pool, op.smallest(), from, Operands.address(op, out), out.elements(), width);
  }

  private static Kernel softmax(WorkerPool pool, Reduction.Softmax op, Tensor in, Tensor out) {
    if (!last(in, op.axis())) {
      return null;
    }
    long from = Operands.address(op, in);
    int width = Operands.size(in.shape().last());
    return new SoftmaxKernel(pool, op.log(), from, Operands.address(op, out), in.elements() / width, width);
  }

  private static Kernel squareSums(WorkerPool pool, Op op, long run, Tensor in, Tensor out) {
    return new SquareSumsKernel(pool, Operands.address(op, in), Operands.address(op, out), in.elements(), run);
  }

  private static boolean last(Tensor tensor, int axis) {
    return tensor.shape().axis(axis) == tensor.shape().rank() - 1;
  }

  private static Kernel firstNonFinite(WorkerPool pool, Op op, Tensor in, Tensor out) {
    if (!FirstNonFiniteKernel.takes(in.dtype()) || in.elements() == 0) {
      return null;
    }
    long from = Operands.address(op, in);
    return new FirstNonFiniteKernel(pool, in.dtype(), from, Operands.address(op, out), in.elements());
  }
}
