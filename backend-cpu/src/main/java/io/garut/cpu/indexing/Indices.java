package io.garut.cpu.indexing;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.Simd;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.lang.foreign.ValueLayout;

/** An I32 or I64 tensor of indices into an axis. */
final class Indices {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Op op;
  private final Tensor into;
  private final long address;
  private final boolean wide;
  private final long length;

  /** Indices into axis {@code axis} of {@code into}. */
  Indices(Op op, Tensor indices, Tensor into, int axis) {
    this.op = op;
    this.into = into;
    this.address = Operands.address(op, indices);
    this.wide = indices.dtype() == DType.I64;
    this.length = into.shape().dim(axis);
  }

  /**
   * Index number {@code i}.
   *
   * @throws IndexOutOfBoundsException if it lies outside the axis
   */
  long at(long i) {
    long index = wide ? ALL.get(LONG, address + 8 * i) : ALL.get(Simd.INT, address + 4 * i);
    if (index < 0 || index >= length) {
      throw Operands.outside(op, "index " + i + " into " + into + ",", index, length);
    }
    return index;
  }
}
