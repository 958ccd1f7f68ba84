package io.garut.tensor.reference;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.memory.Memory;
import io.garut.tensor.op.Op;
import io.garut.tensor.quant.Elements;
import io.garut.tensor.quant.Half;
import io.garut.tensor.spi.KernelBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The elements of a tensor by their row-major index, as {@code double} or {@code long}. For one thread at a time.
 *
 * <p>Reading is exact but for I64 as {@code double}; writing a {@code double} rounds once, to nearest even.
 */
final class Cells {
  private static final MemorySegment ALL = Memory.ALL;
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort BITS16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  /** The element type. */
  final DType type;

  /** The number of elements. */
  final long count;

  private final long address;
  private float[] decoded = {};

  private Cells(DType type, long count, long address) {
    this.type = type;
    this.count = count;
    this.address = address;
  }

  /** The elements of an operand of {@code op}. */
  static Cells of(Op op, Tensor tensor) {
    return new Cells(tensor.dtype(), tensor.elements(), KernelBackend.address(op, tensor));
  }

  /** Element {@code i} of a plain type. */
  double number(long i) {
    return switch (type) {
      case F64 -> ALL.get(F64, address + i * 8);
      case F32 -> ALL.get(F32, address + i * 4);
      case F16 -> Half.f16ToFloat(ALL.get(BITS16, address + i * 2));
      case BF16 -> Half.bf16ToFloat(ALL.get(BITS16, address + i * 2));
      case I64, I32, BOOL -> whole(i);
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw blocks();
    };
  }

  /** Element {@code i} of an integer type or of BOOL. */
  long whole(long i) {
    return switch (type) {
      case I64 -> ALL.get(I64, address + i * 8);
      case I32 -> ALL.get(I32, address + i * 4);
      case BOOL -> ALL.get(BYTE, address + i);
      case F64, F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new IllegalStateException(type + " does not hold integers");
    };
  }

  /** Whether element {@code i} of BOOL is true. */
  boolean bool(long i) {
    return whole(i) != 0;
  }

  /** Sets element {@code i}: rounded, or towards zero and saturated for an integer, or ≠ 0 for BOOL. */
  void put(long i, double value) {
    switch (type) {
      case F64 -> ALL.set(F64, address + i * 8, value);
      case F32 -> ALL.set(F32, address + i * 4, (float) value);
      case F16 -> ALL.set(BITS16, address + i * 2, Half.floatToF16(toOdd(value)));
      case BF16 -> ALL.set(BITS16, address + i * 2, Half.floatToBf16(toOdd(value)));
      case I64 -> ALL.set(I64, address + i * 8, (long) value);
      case I32 -> ALL.set(I32, address + i * 4, (int) value);
      case BOOL -> put(i, value != 0);
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw blocks();
    }
  }

  /** Sets element {@code i} of an integer type to the low bits of {@code value}, or of BOOL to whether it is not 0. */
  void putWhole(long i, long value) {
    switch (type) {
      case I64 -> ALL.set(I64, address + i * 8, value);
      case I32 -> ALL.set(I32, address + i * 4, (int) value);
      case BOOL -> put(i, value != 0);
      case F64, F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new IllegalStateException(type + " does not hold integers");
    }
  }

  /** Sets element {@code i} of BOOL. */
  void put(long i, boolean value) {
    ALL.set(BYTE, address + i, (byte) (value ? 1 : 0));
  }

  /** Copies element {@code j} of {@code source}, of the same type, to {@code i}, bit by bit. */
  void copy(long i, Cells source, long j) {
    switch (type.blockBytes()) {
      case 8 -> ALL.set(I64, address + i * 8, ALL.get(I64, source.address + j * 8));
      case 4 -> ALL.set(I32, address + i * 4, ALL.get(I32, source.address + j * 4));
      case 2 -> ALL.set(BITS16, address + i * 2, ALL.get(BITS16, source.address + j * 2));
      case 1 -> ALL.set(BYTE, address + i, ALL.get(BYTE, source.address + j));
      default -> throw blocks();
    }
  }

  /** Copies {@code length} elements from {@code j} on of {@code source}, of the same type, to {@code i} and on. */
  void copy(long i, Cells source, long j, long length) {
    MemorySegment.copy(ALL, source.address + type.bytes(j), ALL, address + type.bytes(i), type.bytes(length));
  }

  /** Reads, or decodes, {@code length} elements of a floating-point or block type; whole blocks. */
  void read(long from, double[] target, int length) {
    switch (type) {
      case F64 -> MemorySegment.copy(ALL, F64, address + from * 8, target, 0, length);
      case F32 -> {
        long base = address + from * 4;
        for (int i = 0; i < length; i++) {
          target[i] = ALL.get(F32, base + i * 4L);
        }
      }
      case F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> {
        if (decoded.length < length) {
          decoded = new float[length];
        }
        Elements.read(type, ALL, address + type.bytes(from), decoded, 0, length);
        for (int i = 0; i < length; i++) {
          target[i] = decoded[i];
        }
      }
      case I64, I32, BOOL -> throw new IllegalStateException(type + " does not hold floating-point numbers");
    }
  }

  /** Writes {@code length} floats, rounded or encoded; whole blocks. */
  void write(long to, float[] source, int length) {
    Elements.write(type, source, 0, ALL, address + type.bytes(to), length);
  }

  /**
   * Σ {@code factors[i]} · element {@code from + i}; F64 or F32. Four sums, since one would wait for every addition.
   */
  double dot(double[] factors, long from, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    if (type == DType.F32) {
      long base = address + from * 4;
      for (; i < length - 3; i += 4) {
        a += factors[i] * ALL.get(F32, base + i * 4L);
        b += factors[i + 1] * ALL.get(F32, base + i * 4L + 4);
        c += factors[i + 2] * ALL.get(F32, base + i * 4L + 8);
        d += factors[i + 3] * ALL.get(F32, base + i * 4L + 12);
      }
    }
    for (; i < length; i++) {
      a += factors[i] * number(from + i);
    }
    return (a + b) + (c + d);
  }

  /** Adds {@code factor} · element {@code from + i} to every {@code sums[i]}; F64 or F32. */
  void addTo(double[] sums, double factor, long from, int length) {
    if (type == DType.F32) {
      long base = address + from * 4;
      for (int i = 0; i < length; i++) {
        sums[i] += factor * ALL.get(F32, base + i * 4L);
      }
    } else {
      for (int i = 0; i < length; i++) {
        sums[i] += factor * number(from + i);
      }
    }
  }

  /**
   * {@code value} as a float, inexact ones as the odd one of the two neighbours: rounding that to 16 bits is then the
   * same as rounding {@code value} at once (Boldo and Melquiond, "When double rounding is odd", 2005).
   */
  private static float toOdd(double value) {
    float near = (float) value;
    int bits = Float.floatToRawIntBits(near);
    if (near == value || Double.isNaN(value) || (bits & 1) == 1) {
      return near;
    }
    return Float.intBitsToFloat(Math.abs(near) < Math.abs(value) ? bits + 1 : bits - 1);
  }

  private IllegalStateException blocks() {
    return new IllegalStateException(type + " holds blocks, which are read as a run");
  }
}
