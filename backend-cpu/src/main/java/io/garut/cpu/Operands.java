package io.garut.cpu;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;

/** What kernels need of their operands when they are bound. */
public final class Operands {
  private Operands() {}

  /**
   * The absolute address of {@code tensor}'s first element.
   *
   * @throws IllegalStateException if it is not in plain host memory
   */
  public static long address(Op op, Tensor tensor) {
    return CpuBackend.addressOf(op, tensor);
  }

  /**
   * A length as the kernels count: {@code length} elements along an axis, or rows.
   *
   * @throws IllegalArgumentException if it is beyond 2³¹ − 1
   */
  public static int size(long length) {
    if (length > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the CPU's kernels take up to " + Integer.MAX_VALUE + " elements along an axis, not " + length
              + "; split the tensor");
    }
    return (int) length;
  }

  /** Whether all have type {@code type}. */
  public static boolean are(DType type, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != type) {
        return false;
      }
    }
    return true;
  }

  /**
   * The I32 of token {@code token} at {@code address}, if it lies from 0 to {@code length} − 1.
   *
   * @throws IndexOutOfBoundsException saying which operation, what and how long
   */
  public static int index(Op op, String what, long address, long token, long length) {
    int index = ALL.get(Simd.INT, address + 4 * token);
    if (index < 0 || index >= length) {
      throw outside(op, what + " of token " + token, index, length);
    }
    return index;
  }

  /** The error for {@code index} of {@code what} not being from 0 to {@code length} − 1. */
  public static IndexOutOfBoundsException outside(Op op, String what, long index, long length) {
    return new IndexOutOfBoundsException(
        op.name() + ": " + what + " " + index + " is not from 0 to " + (length - 1));
  }
}
