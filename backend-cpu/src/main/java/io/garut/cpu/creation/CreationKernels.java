package io.garut.cpu.creation;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for what makes a tensor from nothing. */
public final class CreationKernels {
  private CreationKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Creation op, Tensor[] out) {
    boolean single = out[0].dtype() == DType.F32;
    long to = Operands.address(op, out[0]);
    long count = out[0].elements();
    return switch (op) {
      case Creation.Full(_, _, var value) when single -> {
        float constant = (float) value;
        yield new FillKernel(pool, to, count, 1, _ -> constant);
      }
      case Creation.Rand(_, _, var seed) when single ->
          new FillKernel(pool, to, count, 4, i -> SplitMix64.uniformFloat(seed, i));
      case Creation.Randn(_, _, var seed) when single ->
          new FillKernel(pool, to, count, 64, i -> (float) SplitMix64.normal(seed, i));
      case Creation.Full _, Creation.Arange _, Creation.Rand _, Creation.Randn _ ->
          ReferenceKernels.bind(op, new Tensor[0], out);
    };
  }
}
