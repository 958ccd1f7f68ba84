package io.garut.gpu;

import io.garut.tensor.Shape;
import java.util.Arrays;

/**
 * How a kernel goes over operands: the axes of a shape with a stride of each operand along each, as few as do. Axes of length 1
 * are left out, and neighbours of which the inner one ends where the outer one goes on are one.
 */
final class Strides {
  /** Axes for which kernels have room. */
  static final int AXES = 6;

  private final int[] dims = new int[AXES];
  private final int[][] strides;
  private int rank;

  /** Over {@code shape} with the strides of operands; {@link #fits} says whether that will do. */
  Strides(long[] shape, long[]... operands) {
    strides = new int[operands.length][AXES];
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] != 1) {
        add(shape[axis], axis, operands);
      }
    }
  }

  private void add(long length, int axis, long[][] operands) {
    int last = Math.min(rank, AXES) - 1;
    boolean joins = rank > 0 && rank <= AXES;
    for (int k = 0; joins && k < operands.length; k++) {
      joins = strides[k][last] == length * operands[k][axis];
    }
    int at = joins ? last : rank++;
    if (at < AXES) {
      dims[at] = Math.toIntExact(joins ? dims[at] * length : length);
      for (int k = 0; k < operands.length; k++) {
        strides[k][at] = Math.toIntExact(operands[k][axis]);
      }
    }
  }

  /** Strides that read a row-major tensor {@code from} as if it were broadcast to {@code to}: 0 along stretched axes. */
  static long[] stretched(Shape from, Shape to) {
    long[] own = from.strides();
    long[] all = new long[to.rank()];
    int missing = to.rank() - own.length;
    for (int i = 0; i < own.length; i++) {
      all[missing + i] = from.dim(i) == 1 ? 0 : own[i];
    }
    return all;
  }

  /** Whether there are not too many axes. */
  boolean fits() {
    return rank <= AXES;
  }

  /** Elements of the shape. */
  int elements() {
    int all = 1;
    for (int i = 0; i < rank; i++) {
      all *= dims[i];
    }
    return all;
  }

  /** {@code first}, then how many axes there are, {@link #AXES} lengths, and as many strides of each operand. */
  int[] numbers(int... first) {
    int[] numbers = Arrays.copyOf(first, first.length + 1 + AXES * (1 + strides.length));
    int at = first.length;
    numbers[at++] = rank;
    System.arraycopy(dims, 0, numbers, at, AXES);
    for (int[] each : strides) {
      at += AXES;
      System.arraycopy(each, 0, numbers, at, AXES);
    }
    return numbers;
  }
}
