package io.garut.train.optim;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;

/** What optimizers share. */
final class Checks {
  private Checks() {}

  static void fraction(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " must be from 0 to below 1, not " + value);
    }
  }

  static void positive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be above 0, not " + value);
    }
  }

  static void notNegative(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be 0 or more, not " + value);
    }
  }

  /** Whether weight decay applies: to matrices, not to vectors (biases, norms). */
  static boolean decays(Tensor parameter) {
    return parameter.shape().rank() >= 2;
  }

  /** A state of {@code parameter}. */
  static Tensor zeros(Tensor parameter, Shape shape) {
    return Tensor.full(parameter.dtype(), shape, 0).keep();
  }
}
