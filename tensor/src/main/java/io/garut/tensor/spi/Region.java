package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import java.util.List;

/**
 * A part of a model that marks itself, such as one block: plans are cut there, sharding gathers and releases its
 * weights there, activations are recomputed there and profiles are grouped there. The model knows of none of this.
 *
 * @param name as {@code layers.3}
 * @param weights what the part computes with
 */
public record Region(String name, List<Tensor> weights) {
  /** Copies the list. */
  public Region {
    weights = List.copyOf(weights);
  }
}
