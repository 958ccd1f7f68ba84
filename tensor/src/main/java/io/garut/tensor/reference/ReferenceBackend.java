package io.garut.tensor.reference;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.HostBackend;
import io.garut.tensor.spi.Kernel;

/** The oracle: plain loops for every operation and type. */
public final class ReferenceBackend extends HostBackend {
  /** Creates a backend with a pool of its own. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
    throw new UnsupportedOperationException(op.name());
  }
}
