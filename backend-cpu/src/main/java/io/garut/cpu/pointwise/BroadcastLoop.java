package io.garut.cpu.pointwise;

import io.garut.tensor.Shape;
import java.util.Arrays;

/**
 * How two or three operands are walked that broadcast against each other. Axes along which every operand is dense, or
 * every operand repeats, are merged; the innermost axis that is left is a run, along which an operand is dense
 * (stride 1) or repeats one element (stride 0).
 */
final class BroadcastLoop {
  private final long[] dims;
  private final long[][] strides;
  private final int outer;

  private BroadcastLoop(long[] dims, long[][] strides, int rank) {
    this.dims = dims;
    this.strides = strides;
    this.outer = rank - 1;
  }

  /** The loop over {@code result}, to which all operands stretch. */
  static BroadcastLoop of(Shape result, Shape... operands) {
    long[] dims = new long[result.rank() + 1];
    long[][] strides = new long[operands.length][result.rank() + 1];
    int rank = 0;
    for (int axis = 0; axis < result.rank(); axis++) {
      long dim = result.dim(axis);
      if (dim == 1) {
        continue;
      }
      boolean merges = rank > 0;
      for (int i = 0; i < operands.length && merges; i++) {
        merges = strides[i][rank - 1] == stride(operands[i], axis - result.rank()) * dim;
      }
      int at = merges ? rank - 1 : rank;
      dims[at] = merges ? dims[at] * dim : dim;
      for (int i = 0; i < operands.length; i++) {
        strides[i][at] = stride(operands[i], axis - result.rank());
      }
      rank = at + 1;
    }
    if (rank == 0) {
      dims[0] = 1;
      Arrays.stream(strides).forEach(s -> s[0] = 1);
      rank = 1;
    }
    return new BroadcastLoop(dims, strides, rank);
  }

  /** In elements; 0 where the operand has no such axis, or one of length 1. {@code axis} counts from the end. */
  private static long stride(Shape operand, int axis) {
    int at = operand.rank() + axis;
    return at < 0 || operand.dim(at) == 1 ? 0 : operand.strides()[at];
  }

  /** Elements in a run. */
  long run() {
    return dims[outer];
  }

  /** Runs. */
  long runs() {
    long runs = 1;
    for (int i = 0; i < outer; i++) {
      runs *= dims[i];
    }
    return runs;
  }

  /** Whether {@code operand} repeats one element along a run. */
  boolean repeats(int operand) {
    return strides[operand][outer] == 0;
  }

  /** The element of {@code operand} with which run {@code index} begins. */
  long offset(int operand, long index) {
    long offset = 0;
    for (int i = outer - 1; i >= 0; i--) {
      offset += index % dims[i] * strides[operand][i];
      index /= dims[i];
    }
    return offset;
  }
}
