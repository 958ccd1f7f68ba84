package io.garut.train.autograd;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction.Fold;
import java.util.stream.IntStream;

/** What rules share. */
final class Adjoint {
  private Adjoint() {}

  /** {@code x} in the type of its gradient. */
  static Tensor wide(Tensor x) {
    return x.cast(Slot.type(x.dtype()));
  }

  /** {@code dy} summed over what broadcasting stretched: of {@code shape}. */
  static Tensor sumTo(Tensor dy, Shape shape) {
    int extra = dy.shape().rank() - shape.rank();
    int[] axes = IntStream.range(0, dy.shape().rank())
        .filter(axis -> axis < extra || shape.dim(axis - extra) == 1 && dy.shape().dim(axis) != 1)
        .toArray();
    return (axes.length == 0 ? dy : dy.reduce(Fold.SUM, axes)).reshape(shape.toArray());
  }

  /** Zeros of {@code shape} in {@code like}'s type. */
  static Tensor zeros(Tensor like, Shape shape) {
    return Tensor.full(like.dtype(), shape, 0);
  }

  /** A BOOL as 0 and 1 in {@code like}'s type. */
  static Tensor mask(Tensor condition, Tensor like) {
    return condition.cast(like.dtype());
  }
}
