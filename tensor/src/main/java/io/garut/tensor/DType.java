package io.garut.tensor;

import java.util.Locale;

/**
 * What an element is and how it is stored.
 *
 * <p>The plain types hold one element a cell, little-endian. The block formats are those of ggml: {@link #blockSize()}
 * consecutive elements of the last dimension share one block of {@link #blockBytes()} bytes, so that dimension must be
 * a multiple of the block size.
 */
public enum DType {
  /** IEEE binary64; here for gradient checks. */
  F64(1, 8),
  /** IEEE binary32, the type of activations. */
  F32(1, 4),
  /** IEEE binary16. */
  F16(1, 2),
  /** The upper half of binary32 (bfloat16). */
  BF16(1, 2),
  /** Signed 64-bit integer. */
  I64(1, 8),
  /** Signed 32-bit integer. */
  I32(1, 4),
  /** One byte, 0 or 1. */
  BOOL(1, 1),
  /** ggml: 32 signed bytes with one F16 scale. */
  Q8_0(32, 34),
  /** ggml: 32 nibbles, offset by 8, with one F16 scale. */
  Q4_0(32, 18),
  /** ggml: 32 nibbles with F16 scale and minimum. */
  Q4_1(32, 20),
  /** ggml: 32 five-bit values, offset by 16, with one F16 scale. */
  Q5_0(32, 22),
  /** ggml: 32 five-bit values with F16 scale and minimum. */
  Q5_1(32, 24),
  /** ggml K-quant: 256 nibbles, eight 6-bit scales and minima. */
  Q4_K(256, 144),
  /** ggml K-quant: 256 five-bit values, eight 6-bit scales and minima. */
  Q5_K(256, 176),
  /** ggml K-quant: 256 six-bit values, sixteen 8-bit scales. */
  Q6_K(256, 210);

  private final int blockSize;
  private final int blockBytes;

  DType(int blockSize, int blockBytes) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /** Elements in a block; 1 for the plain types. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes of a block; of one element for the plain types. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Whether this is a block format, which only holds weights. */
  public boolean isBlock() {
    return blockSize > 1;
  }

  /** Whether this is F64, F32, F16 or BF16. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** Whether this is I32 or I64. */
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /**
   * Bytes that {@code elements} take.
   *
   * @throws ShapeException if they do not fill whole blocks
   * @throws ArithmeticException past 2⁶³−1
   */
  public long bytes(long elements) {
    if (elements % blockSize != 0) {
      throw new ShapeException(this + " holds blocks of " + blockSize + " elements, not " + elements);
    }
    return Math.multiplyExact(elements / blockSize, (long) blockBytes);
  }

  /**
   * The type called {@code name}, in upper or lower case.
   *
   * @throws IllegalArgumentException naming the types there are
   */
  public static DType named(String name) {
    for (DType type : values()) {
      if (type.name().equals(name.toUpperCase(Locale.ROOT))) {
        return type;
      }
    }
    throw new IllegalArgumentException("no dtype '" + name + "'; there are " + java.util.Arrays.toString(values()));
  }
}
