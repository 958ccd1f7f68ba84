package io.garut.train.autograd;

import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Region;

/** What a tape does at the regions of a model. */
@FunctionalInterface
public interface RegionRules {
  /** Nothing: what the way back needs is kept. */
  RegionRules KEEPING = region -> false;

  /**
   * Whether a region keeps nothing but its input, and is computed again on the way back (Chen et al., "Training deep nets with
   * sublinear memory cost", 2016). Such a region reads its input and parameters, and nothing else that depends on these.
   */
  boolean recomputed(Region region);

  /**
   * Told of the gradient of a parameter as soon as nothing is added to it any more, while the way back goes on, in an order
   * that depends on the computation only.
   *
   * @param gradient ends with the call, unless it is what is returned; a {@linkplain Tensor#detach view} holds its memory
   * @return what {@link Gradients#of} gives for the parameter
   */
  default Tensor complete(Tensor parameter, Tensor gradient) {
    return gradient;
  }
}
