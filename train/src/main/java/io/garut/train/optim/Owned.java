package io.garut.train.optim;

import io.garut.tensor.Tensor;

/**
 * What is updated here of a parameter.
 *
 * @param parameter named; by it the gradient of the part is found
 * @param from the first element of the part, in row-major order
 * @param part some of its elements, in memory that can be written to; the parameter itself, or [1, N] of a matrix, so that
 *     what holds for matrices holds for it
 */
public record Owned(Tensor parameter, long from, Tensor part) {
  /** All of it. */
  public static Owned whole(Tensor parameter) {
    return new Owned(parameter, 0, parameter);
  }

  /** Whether it is all. */
  public boolean isWhole() {
    return part == parameter;
  }

  /** The name, with the elements where these are not all: {@code embed_out.weight[1024:2048]}. */
  public String label() {
    return isWhole() ? parameter.name() : parameter.name() + "[" + from + ":" + (from + part.elements()) + "]";
  }
}
