package io.garut.transformer;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import java.util.List;

/** A linear map of features with an activation: [T, in] → [T, out]. */
public interface Projection {
  /** activation(x·Wᵀ + b) of x [.., in], as [.., out]. */
  Tensor apply(Tensor x, Activation activation);

  /** What it computes with. */
  List<Tensor> weights();

  /** x·Wᵀ + b of x [.., in], as [.., out]. */
  default Tensor apply(Tensor x) {
    return apply(x, Activation.IDENTITY);
  }
}
