package io.garut.tensor.reference;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.KernelBackend;

/**
 * The oracle: plain loops for every operation and every type, in one thread, without the Vector API.
 *
 * <p>F32, F16 and BF16 are computed in double precision with {@link StrictMath}'s functions and rounded once, so a
 * result is the nearest value of its type but for rare ties; F64 sums are taken in a fixed order. The bits are the same
 * on every machine.
 */
public final class ReferenceBackend extends KernelBackend {
  /** Creates a backend with a pool of its own. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
    return ReferenceKernels.bind(op, inputs, outputs);
  }
}
