package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import java.util.List;

/**
 * A part of a model that marks itself, such as one block: plans are cut there, sharding gathers and releases its
 * weights there, activations are recomputed there and profiles are grouped there. The model knows of none of this.
 *
 * @param name as {@code layers.3}
 * @param weights what the part computes with
 * @param recomputable whether it keeps much for the way back beside its input and its result, so that computing it again
 *     saves memory
 */
public record Region(String name, List<Tensor> weights, boolean recomputable) {
  /** Copies the list. */
  public Region {
    weights = List.copyOf(weights);
  }

  /** One that saves memory where it is computed again. */
  public Region(String name, List<Tensor> weights) {
    this(name, weights, true);
  }
}
