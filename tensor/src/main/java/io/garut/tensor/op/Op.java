package io.garut.tensor.op;

import io.garut.tensor.ShapeException;

/**
 * One operation of the closed vocabulary: what is fixed about it. What varies from call to call (tokens, positions, a
 * learning rate) is in its input tensors, so that a recorded {@link io.garut.tensor.spi.Plan} can be replayed.
 *
 * <p>The vocabulary is sealed: a new record breaks every exhaustive {@code switch} (backends, gradients) until it is
 * handled there. Inputs and results are dense and row-major. Floating-point results come in the inputs' type; F16 and
 * BF16 are computed in F32 and rounded once, to nearest even. Integers wrap on overflow.
 */
public sealed interface Op permits Creation, Pointwise, Movement, Indexing, Reduction, Product, Layer, Backward, Update {
  /** The name used in messages and profiles, as {@code layer_norm}. */
  String name();

  /**
   * The shape rule: checks the inputs and describes the results; an operation that writes into an input has none.
   *
   * @throws ShapeException if the inputs do not fit, saying which and what was expected
   */
  Spec[] infer(Spec... inputs);

  /** How many of its first inputs the operation writes into; one that does so makes no results. */
  default int written() {
    return 0;
  }
}
