package io.garut.train.autograd;

import io.garut.tensor.Tensor;

/** The way back through one operation. */
@FunctionalInterface
interface Pullback {
  /**
   * The gradients with respect to the operation's inputs; null where none flows, or none is wanted.
   *
   * @param dy with respect to its results; null where a result did not matter, but never all of them
   */
  Tensor[] pull(Tensor[] dy);
}
