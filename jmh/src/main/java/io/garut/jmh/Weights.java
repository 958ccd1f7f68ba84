package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import java.lang.foreign.MemorySegment;

/** Matrices to multiply by. */
final class Weights {
  private static final long ROWS = 512;

  private Weights() {}

  /**
   * A weight [rows, columns] of normal random numbers, in any type that can be cast to. It repeats itself after some
   * rows, which no kernel notices, so that a large one is soon made.
   */
  static Tensor random(DType dtype, long rows, long columns) {
    Tensor weight = Tensor.empty(dtype, Shape.of(rows, columns)).keep();
    try (TensorScope _ = TensorScope.open()) {
      Tensor part = Tensor.randn(Shape.of(Math.min(rows, ROWS), columns), 1).times(0.02).cast(dtype);
      MemorySegment from = part.segment();
      MemorySegment to = weight.segment();
      for (long at = 0; at < to.byteSize(); at += from.byteSize()) {
        long count = Math.min(from.byteSize(), to.byteSize() - at);
        to.asSlice(at, count).copyFrom(from.asSlice(0, count));
      }
    }
    return weight;
  }

  /** A constant weight as {@link #random} makes it, packed by the current backend as a model's are. */
  static Tensor prepared(DType dtype, long rows, long columns) {
    Tensor weight = random(dtype, rows, columns);
    weight.prepare();
    return weight;
  }
}
