package io.garut.transformer.lora;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.transformer.Projection;
import java.util.ArrayList;
import java.util.List;

/**
 * A projection with an adapter beside it.
 *
 * @param base what was there
 * @param a [rank, in]
 * @param b [out, rank]
 * @param scale of B·A
 */
public record LoraProjection(Projection base, Tensor a, Tensor b, double scale) implements Projection {
  @Override
  public Tensor apply(Tensor x, Activation activation) {
    Tensor low = x.linear(a, null, Activation.IDENTITY).times(scale); // [T, rank]
    Tensor sum = base.apply(x, Activation.IDENTITY).plus(low.linear(b, null, Activation.IDENTITY));
    return activation == Activation.IDENTITY ? sum : sum.activate(activation);
  }

  @Override
  public List<Tensor> weights() {
    List<Tensor> all = new ArrayList<>(base.weights());
    all.add(a);
    all.add(b);
    return all;
  }
}
