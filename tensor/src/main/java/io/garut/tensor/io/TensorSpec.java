package io.garut.tensor.io;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;

/** A tensor that is going to be written. */
public record TensorSpec(String name, DType dtype, Shape shape) {
  /**
   * Checks that the rows of a block format are whole blocks.
   *
   * @throws ShapeException if they are not
   */
  public TensorSpec {
    if (shape.last() % dtype.blockSize() != 0) {
      throw new ShapeException(
          "tensor '" + name + "': " + dtype + " holds blocks of " + dtype.blockSize() + " elements, rows of " + shape
              + " have " + shape.last() + "; write it as F32");
    }
  }

  /** The bytes of its elements. */
  public long byteLength() {
    return dtype.bytes(shape.elements());
  }
}
