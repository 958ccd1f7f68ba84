package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import java.util.Objects;

/**
 * What a shape rule sees of a tensor.
 *
 * @param dtype element type
 * @param shape dimensions, outermost first
 * @param name what messages call it, as {@code layers.3.attention.dense.weight}; empty for a temporary
 */
public record Spec(DType dtype, Shape shape, String name) {
  /**
   * Checks that nothing is null.
   *
   * @throws ShapeException if the last axis would cut blocks of {@code dtype}
   */
  public Spec {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(name, "name");
    if (shape.last() % dtype.blockSize() != 0) {
      throw new ShapeException(
          (name.isEmpty() ? "" : "'" + name + "' ") + dtype + shape + ": the last axis must be a multiple of "
              + dtype.blockSize() + ", the size of a block of " + dtype);
    }
  }

  /** The description of a result that has no name. */
  public static Spec of(DType dtype, Shape shape) {
    return new Spec(dtype, shape, "");
  }

  /** Bytes in the plain row-major layout. */
  public long bytes() {
    return dtype.bytes(shape.elements());
  }

  /** As {@code F32[2, 3]} or {@code 'embed_in.weight' F16[50304, 768]}. */
  @Override
  public String toString() {
    return name.isEmpty() ? dtype + "" + shape : "'" + name + "' " + dtype + shape;
  }
}
