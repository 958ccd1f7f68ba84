package io.garut.tensor.reference;

import io.garut.tensor.Shape;

/**
 * Visits the indices of a shape in row-major order, and knows for each operand where its element is: the sum of index
 * times stride. It starts before nothing: the offsets of the first index are there at once.
 */
final class Walk {
  private final long[] dims;
  private final long[][] strides;
  private final long[] index;
  private final long[] offsets;

  /** A walk over {@code shape} with, for each operand, its stride along each axis. */
  Walk(Shape shape, long[]... strides) {
    this.dims = shape.toArray();
    this.strides = strides;
    this.index = new long[dims.length];
    this.offsets = new long[strides.length];
  }

  /**
   * Strides that read a row-major tensor {@code from} as if it were broadcast to {@code to}: 0 along stretched axes.
   */
  static long[] stretched(Shape from, Shape to) {
    long[] own = from.strides();
    long[] strides = new long[to.rank()];
    int missing = to.rank() - from.rank();
    for (int i = 0; i < own.length; i++) {
      strides[missing + i] = from.dim(i) == 1 ? 0 : own[i];
    }
    return strides;
  }

  /** Where operand {@code operand} is. */
  long at(int operand) {
    return offsets[operand];
  }

  /** The present index along {@code axis}. */
  long index(int axis) {
    return index[axis];
  }

  /** Goes on to the next index; after the last, to the first again. */
  void next() {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      boolean carry = ++index[axis] == dims[axis];
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] += carry ? (1 - dims[axis]) * strides[k][axis] : strides[k][axis];
      }
      if (!carry) {
        return;
      }
      index[axis] = 0;
    }
  }
}
