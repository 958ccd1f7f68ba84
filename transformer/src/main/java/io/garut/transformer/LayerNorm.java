package io.garut.transformer;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import java.util.List;

/**
 * Layer normalisation with its weights.
 *
 * @param weight [features]
 * @param bias [features]
 * @param epsilon added to the variance
 */
public record LayerNorm(Tensor weight, Tensor bias, double epsilon) {
  /** x [.., features] normalised over its last axis. */
  public Tensor apply(Tensor x) {
    return Executor.current().apply(new Layer.LayerNorm(epsilon), x, weight, bias)[0];
  }

  /** What it computes with. */
  public List<Tensor> weights() {
    return List.of(weight, bias);
  }
}
