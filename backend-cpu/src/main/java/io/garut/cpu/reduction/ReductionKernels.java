package io.garut.cpu.reduction;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for reductions. */
public final class ReductionKernels {
  private ReductionKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Reduction op, Tensor[] in, Tensor[] out) {
    Shape shape = in[0].shape();
    boolean single = in[0].dtype() == DType.F32;
    return switch (op) {
      case Reduction.Reduce reduce -> ReferenceKernels.bind(reduce, in, out);
      case Reduction.ArgMax argMax -> ReferenceKernels.bind(argMax, in, out);
      case Reduction.TopK topK -> ReferenceKernels.bind(topK, in, out);
      case Reduction.Softmax softmax when single && shape.axis(softmax.axis()) == shape.rank() - 1 ->
          new SoftmaxKernel(
              pool,
              softmax.log(),
              Operands.address(op, in[0]),
              Operands.address(op, out[0]),
              shape.elements() / shape.last(),
              Math.toIntExact(shape.last()));
      case Reduction.Softmax softmax -> ReferenceKernels.bind(softmax, in, out);
      case Reduction.FirstNonFinite first -> ReferenceKernels.bind(first, in, out);
    };
  }
}
