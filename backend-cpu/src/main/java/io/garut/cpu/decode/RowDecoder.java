package io.garut.cpu.decode;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.pointwise.HalfFloats;
import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Rows of a plain table or weight of any type but F64 and the integers, as F32. Safe for any number of threads. */
public final class RowDecoder {
  private final DType type;
  private final long from;
  private final int width;
  private final long bytes;
  private final BlockRows scalar;

  /** For the table of {@code type} at address {@code from}, in rows of {@code width} elements. */
  public RowDecoder(DType type, long from, int width) {
    if (!type.isBlock() && type != DType.F32 && type != DType.F16 && type != DType.BF16) {
      throw new IllegalArgumentException("rows of " + type + " are not decoded to F32");
    }
    this.type = type;
    this.from = from;
    this.width = width;
    this.bytes = type.bytes(width);
    this.scalar = type.isBlock() && !BlockDecoder.supported() ? new BlockRows(type, from, width) : null;
  }

  /** Writes row {@code row} to address {@code to}. */
  public void decode(long row, long to) {
    long at = from + row * bytes;
    switch (type) {
      case F32 -> MemorySegment.copy(ALL, at, ALL, to, bytes);
      case F16 -> HalfFloats.decodeF16(at, to, width);
      case BF16 -> HalfFloats.decodeBf16(at, to, width);
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> {
        if (scalar != null) {
          scalar.read(row, to);
        } else {
          BlockDecoder.decode(type, at, to, width / type.blockSize());
        }
      }
      case F64, I64, I32, BOOL -> throw new AssertionError(type);
    }
  }
}
