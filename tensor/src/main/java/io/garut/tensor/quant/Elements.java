package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Stored elements as {@code float} and back, for every floating-point and block type.
 *
 * <p>Segment offsets are in bytes and need not be aligned; array offsets and counts are in elements. Counts and element
 * indices of a block type must be multiples of its block size. Memory is little-endian, as is every machine that Garut
 * runs on.
 */
public final class Elements {
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort BITS16 = ValueLayout.JAVA_SHORT_UNALIGNED;

  /** Elements converted at a time. A multiple of every block size. */
  private static final int CHUNK = BlockFormat.CHUNK;

  private Elements() {}

  /** Whether elements of {@code type} can be read as floats: all but integers and BOOL. */
  public static boolean readable(DType type) {
    return type.isFloat() || type.isBlock();
  }

  /**
   * Whether floats can be written as {@code type}: the plain floating-point types and the block formats that encode.
   */
  public static boolean writable(DType type) {
    return type.isFloat() || type.isBlock() && BlockFormat.of(type).encodes();
  }

  /**
   * Reads {@code count} elements of {@code type}; exact except that F64 is rounded.
   *
   * @throws IllegalArgumentException if {@code type} holds integers, or {@code count} is not whole blocks
   * @throws IndexOutOfBoundsException if either side is too short
   */
  public static void read(
      DType type, MemorySegment source, long sourceOffset, float[] target, int targetOffset, int count) {
    Objects.checkFromIndexSize(targetOffset, count, target.length);
    switch (type) {
      case F32 -> MemorySegment.copy(source, F32, sourceOffset, target, targetOffset, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target[targetOffset + i] = (float) source.get(F64, sourceOffset + i * 8L);
        }
      }
      case F16, BF16 -> {
        short[] bits = new short[Math.min(count, CHUNK)];
        for (int done = 0; done < count; done += CHUNK) {
          int now = Math.min(CHUNK, count - done);
          MemorySegment.copy(source, BITS16, sourceOffset + done * 2L, bits, 0, now);
          widen(type, bits, target, targetOffset + done, now);
        }
      }
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          BlockFormat.of(type).decode(source, sourceOffset, target, targetOffset, blocks(type, count));
      case I64, I32, BOOL -> throw notFloats(type);
    }
  }

  /**
   * Writes {@code count} floats as {@code type}, rounded to nearest even, or quantised as ggml does.
   *
   * @throws IllegalArgumentException if {@code type} holds integers, or {@code count} is not whole blocks
   * @throws UnsupportedOperationException if {@code type} is a block format that does not encode
   * @throws ArithmeticException if a value does not fit into a block format
   * @throws IndexOutOfBoundsException if either side is too short
   */
  public static void write(
      DType type, float[] source, int sourceOffset, MemorySegment target, long targetOffset, int count) {
    Objects.checkFromIndexSize(sourceOffset, count, source.length);
    switch (type) {
      case F32 -> MemorySegment.copy(source, sourceOffset, target, F32, targetOffset, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target.set(F64, targetOffset + i * 8L, source[sourceOffset + i]);
        }
      }
      case F16, BF16 -> {
        short[] bits = new short[Math.min(count, CHUNK)];
        for (int done = 0; done < count; done += CHUNK) {
          int now = Math.min(CHUNK, count - done);
          narrow(type, source, sourceOffset + done, bits, now);
          MemorySegment.copy(bits, 0, target, BITS16, targetOffset + done * 2L, now);
        }
      }
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          BlockFormat.of(type).encode(source, sourceOffset, target, targetOffset, blocks(type, count));
      case I64, I32, BOOL -> throw notFloats(type);
    }
  }

  /**
   * Converts {@code elements} elements from one type to another through F32, or copies them where the types are equal.
   *
   * @throws IllegalArgumentException if the types differ and one holds integers, or if {@code elements} is not whole
   *     blocks
   * @throws UnsupportedOperationException if {@code targetType} is a block format that does not encode
   * @throws ArithmeticException naming the element range, if a value does not fit into a block format
   * @throws IndexOutOfBoundsException if either side is too short
   */
  public static void convert(
      DType sourceType, MemorySegment source, DType targetType, MemorySegment target, long elements) {
    if (sourceType == targetType) {
      MemorySegment.copy(source, 0, target, 0, sourceType.bytes(elements));
      return;
    }
    float[] floats = new float[(int) Math.min(elements, CHUNK)];
    for (long done = 0; done < elements; done += CHUNK) {
      int now = (int) Math.min(CHUNK, elements - done);
      read(sourceType, source, sourceType.bytes(done), floats, 0, now);
      try {
        write(targetType, floats, 0, target, targetType.bytes(done), now);
      } catch (ArithmeticException e) {
        String where = "elements " + done + " to " + (done + now - 1) + ": ";
        throw (ArithmeticException) new ArithmeticException(where + e.getMessage()).initCause(e);
      }
    }
  }

  /**
   * The index of the first element that is NaN or infinite; of a block type, one whose block's scale makes it so.
   * Integers always are finite.
   *
   * @throws IndexOutOfBoundsException if {@code source} is too short
   */
  public static OptionalLong firstNonFinite(DType type, MemorySegment source, long elements) {
    if (!readable(type)) {
      return OptionalLong.empty();
    }
    float[] floats = new float[(int) Math.min(elements, CHUNK)];
    for (long done = 0; done < elements; done += CHUNK) {
      int now = (int) Math.min(CHUNK, elements - done);
      if (type == DType.F64) { // what is finite in F64 may not be in F32
        for (int i = 0; i < now; i++) {
          floats[i] = Double.isFinite(source.get(F64, (done + i) * 8)) ? 0 : Float.NaN;
        }
      } else {
        read(type, source, type.bytes(done), floats, 0, now);
      }
      float sum = 0;
      for (int i = 0; i < now; i++) {
        sum += floats[i] * 0; // NaN as soon as one is not finite
      }
      for (int i = 0; sum != 0 && i < now; i++) {
        if (!Float.isFinite(floats[i])) {
          return OptionalLong.of(done + i);
        }
      }
    }
    return OptionalLong.empty();
  }

  private static void widen(DType type, short[] bits, float[] target, int targetOffset, int count) {
    if (type == DType.F16) {
      for (int i = 0; i < count; i++) {
        target[targetOffset + i] = Half.f16ToFloat(bits[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        target[targetOffset + i] = Half.bf16ToFloat(bits[i]);
      }
    }
  }

  private static void narrow(DType type, float[] source, int sourceOffset, short[] bits, int count) {
    if (type == DType.F16) {
      for (int i = 0; i < count; i++) {
        bits[i] = Half.floatToF16(source[sourceOffset + i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        bits[i] = Half.floatToBf16(source[sourceOffset + i]);
      }
    }
  }

  private static int blocks(DType type, int count) {
    if (count % type.blockSize() != 0) {
      throw new IllegalArgumentException(
          type + " holds blocks of " + type.blockSize() + " elements; " + count + " are not whole blocks");
    }
    return count / type.blockSize();
  }

  private static IllegalArgumentException notFloats(DType type) {
    return new IllegalArgumentException(type + " does not hold floating-point numbers; copy it as it is");
  }
}
