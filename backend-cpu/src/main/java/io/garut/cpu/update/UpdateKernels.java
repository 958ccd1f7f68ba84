package io.garut.cpu.update;

import io.garut.cpu.WorkerPool;
import io.garut.cpu.pointwise.PointwiseKernels;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Update;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for operations that write into their first inputs. F64 and integers go to the plain loops. */
public final class UpdateKernels {
  private UpdateKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Update op, Tensor[] in) {
    boolean single = in[0].dtype() == DType.F32;
    Kernel fast =
        switch (op) {
          case Update.Add _ -> single ? PointwiseKernels.inPlace(pool, Function2.ADD, op, in[0], in[1]) : null;
          case Update.Scale _ -> single ? PointwiseKernels.inPlace(pool, Function2.MUL, op, in[0], in[1]) : null;
          case Update.Copy _ -> PointwiseKernels.cast(pool, op, in[1], in[0]);
          case Update.AdamW adamW -> single ? new AdamWKernel(pool, adamW, in) : null;
          case Update.Sgd sgd -> single ? new SgdKernel(pool, sgd, in) : null;
        };
    return fast != null ? fast : ReferenceKernels.bind(op, in, new Tensor[0]);
  }
}
