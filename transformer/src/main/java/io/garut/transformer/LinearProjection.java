package io.garut.transformer;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import java.util.List;

/**
 * The plain projection.
 *
 * @param weight [out, in], of any floating-point or block type
 * @param bias [out] F32, or null
 */
public record LinearProjection(Tensor weight, Tensor bias) implements Projection {
  @Override
  public Tensor apply(Tensor x, Activation activation) {
    return x.linear(weight, bias, activation);
  }

  @Override
  public List<Tensor> weights() {
    return bias == null ? List.of(weight) : List.of(weight, bias);
  }
}
