package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Where elements of operands are. */
final class Walks {
  /** Axes of a shape among the numbers. */
  static final int AXES = 6;

  private Walks() {}

  /**
   * The offset of an operand's element with index {@code i} in row-major order. Numbers from {@code at} on: axes, their
   * lengths, then operand by operand the strides.
   */
  static int offset(IntArray p, int at, int operand, int i) {
    int strides = at + 1 + AXES + AXES * operand;
    int rest = i;
    int offset = 0;
    for (int axis = p.get(at) - 1; axis > 0; axis--) {
      int length = p.get(at + 1 + axis);
      int outer = rest / length;
      offset += (rest - outer * length) * p.get(strides + axis);
      rest = outer;
    }
    return offset + rest * p.get(strides);
  }
}
