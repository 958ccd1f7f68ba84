package io.garut.cpu.pointwise;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;

/** F32, F16 and BF16 into each other, a block at a time through F32. */
final class CastKernel extends RangeKernel {
  private static final int BLOCK = 1024;

  private final WorkerPool pool;
  private final DType fromType;
  private final DType toType;
  private final long from;
  private final long to;
  private final long count;

  CastKernel(WorkerPool pool, DType fromType, long from, DType toType, long to, long count) {
    super(pool, Math.ceilDiv(count, (long) BLOCK), BLOCK);
    this.pool = pool;
    this.fromType = fromType;
    this.toType = toType;
    this.from = from;
    this.to = to;
    this.count = count;
  }

  /** Whether {@code type} is one of the three. */
  static boolean takes(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16;
  }

  @Override
  protected void range(long first, long end) {
    long buffer = pool.scratch(ScratchSlot.ROWS, 4L * BLOCK);
    for (long unit = first; unit < end; unit++) {
      int now = (int) Math.min(BLOCK, count - unit * BLOCK);
      long source = from + fromType.bytes(unit * BLOCK);
      long target = to + toType.bytes(unit * BLOCK);
      if (fromType == DType.F32) {
        encode(toType, source, target, now);
      } else if (toType == DType.F32) {
        decode(fromType, source, target, now);
      } else {
        decode(fromType, source, buffer, now);
        encode(toType, buffer, target, now);
      }
    }
  }

  /** Reads {@code count} elements of {@code type} as F32. */
  static void decode(DType type, long from, long to, int count) {
    switch (type) {
      case F16 -> HalfFloats.decodeF16(from, to, count);
      case BF16 -> HalfFloats.decodeBf16(from, to, count);
      case F32 -> MemorySegment.copy(ALL, from, ALL, to, 4L * count);
      case F64, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(type);
    }
  }

  /** Writes {@code count} F32 as {@code type}. */
  static void encode(DType type, long from, long to, int count) {
    switch (type) {
      case F16 -> HalfFloats.encodeF16(from, to, count);
      case BF16 -> HalfFloats.encodeBf16(from, to, count);
      case F32 -> MemorySegment.copy(ALL, from, ALL, to, 4L * count);
      case F64, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(type);
    }
  }
}
