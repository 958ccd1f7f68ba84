package io.garut.train.autograd;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Spec;

/** Where the gradient of one tensor gathers: of its shape, in F32, or in F64 of F64. */
final class Slot {
  private final Spec spec;
  private Tensor gradient;

  /** For the gradient of a tensor {@code of}. */
  Slot(Spec of) {
    spec = Spec.of(type(of.dtype()), of.shape());
  }

  /** The type of the gradient of a tensor of type {@code dtype}. */
  static DType type(DType dtype) {
    return dtype == DType.F64 ? DType.F64 : DType.F32;
  }

  /** What has gathered, or null. */
  Tensor gradient() {
    return gradient;
  }

  /** What has gathered. */
  Tensor orZeros() {
    return gradient != null ? gradient : Tensor.full(spec.dtype(), spec.shape(), 0);
  }

  /**
   * Adds {@code more}, which {@code what} gave. The sum goes to the scope around {@code inside}, or stays in the innermost
   * one if that is null.
   */
  void add(String what, Tensor more, TensorScope inside) {
    if (!more.shape().equals(spec.shape()) || more.dtype() != spec.dtype()) {
      throw new IllegalStateException("the gradient that came back through " + what + " is " + more + ", not " + spec);
    }
    Tensor sum = gradient == null ? more.detach() : gradient.plus(more); // a view: a rule may give one tensor twice
    if (inside != null) {
      inside.handOver(sum);
    }
    clear();
    gradient = sum;
  }

  /** Gives what has gathered to the scope around {@code scope}. */
  void handOver(TensorScope scope) {
    if (gradient != null) {
      scope.handOver(gradient);
    }
  }

  /** Knows no more of what has gathered, which somebody else has. */
  void forget() {
    gradient = null;
  }

  void clear() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }
}
