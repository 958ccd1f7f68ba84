package io.garut.cpu.decode;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.tensor.DType;
import io.garut.tensor.quant.Half;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * ggml's block formats decoded with vectors, to the bits of {@link io.garut.tensor.quant.BlockFormat}, whose classes
 * describe the layouts. Needs vectors of 256 bits or more: as many bytes as lanes are loaded at a time.
 */
final class BlockDecoder {
  /** As many bytes as there are F32 lanes. */
  private static final VectorSpecies<Byte> BYTES =
      supported() ? VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES)) : null;

  private static final IntVector INDEX = IntVector.zero(I32).addIndex(1);

  private BlockDecoder() {}

  /** Whether vectors are wide enough. */
  static boolean supported() {
    return LANES >= 8;
  }

  /** Decodes {@code blocks} blocks of {@code type} at {@code from} into F32 at {@code to}. */
  static void decode(DType type, long from, long to, int blocks) {
    for (int b = 0; b < blocks; b++) {
      long block = from + (long) b * type.blockBytes();
      long target = to + 4L * b * type.blockSize();
      switch (type) {
        case Q8_0 -> bytes(block + 2, half(block), target, 32);
        case Q4_0 -> {
          nibbles(block + 2, 0, half(block), 8, 0, target, 16);
          nibbles(block + 2, 4, half(block), 8, 0, target + 64, 16);
        }
        case Q4_1 -> {
          nibbles(block + 4, 0, half(block), 0, -half(block + 2), target, 16);
          nibbles(block + 4, 4, half(block), 0, -half(block + 2), target + 64, 16);
        }
        case Q5_0 -> {
          int high = ALL.get(Simd.INT, block + 2);
          fiveBits(block + 6, 0, high, half(block), 16, 0, target);
          fiveBits(block + 6, 4, high >>> 16, half(block), 16, 0, target + 64);
        }
        case Q5_1 -> {
          int high = ALL.get(Simd.INT, block + 4);
          fiveBits(block + 8, 0, high, half(block), 0, -half(block + 2), target);
          fiveBits(block + 8, 4, high >>> 16, half(block), 0, -half(block + 2), target + 64);
        }
        case Q4_K -> q4k(block, target);
        case Q5_K -> q5k(block, target);
        case Q6_K -> q6k(block, target);
        case F64, F32, F16, BF16, I64, I32, BOOL -> throw new AssertionError(type);
      }
    }
  }

  private static void q4k(long block, long to) {
    float d = half(block);
    float dmin = half(block + 2);
    for (int j = 0; j < 8; j++) {
      float scale = d * scale(block + 4, j);
      float min = dmin * min(block + 4, j);
      nibbles(block + 16 + (j >> 1) * 32L, (j & 1) * 4, scale, 0, min, to + 128L * j, 32);
    }
  }

  private static void q5k(long block, long to) {
    float d = half(block);
    float dmin = half(block + 2);
    for (int j = 0; j < 8; j++) {
      float scale = d * scale(block + 4, j);
      float min = dmin * min(block + 4, j);
      manyBits(block + 48 + (j >> 1) * 32L, (j & 1) * 4, block + 16, j, 1, scale, 0, min, to + 128L * j, 32);
    }
  }

  private static void q6k(long block, long to) {
    float d = half(block + 208);
    for (int j = 0; j < 8; j++) {
      long low = block + (j >> 2) * 64L + (j & 1) * 32L;
      long high = block + 128 + (j >> 2) * 32L;
      for (int part = 0; part < 32; part += 16) {
        float scale = d * signed(block + 192 + j * 2L + part / 16);
        long target = to + 4L * (j * 32 + part);
        manyBits(low + part, (j & 3) / 2 * 4, high + part, (j & 3) * 2, 3, scale, 32, 0, target, 16);
      }
    }
  }

  /** Scale {@code j} of a K-quant's 8. */
  private static int scale(long at, int j) {
    return j < 4 ? signed(at + j) & 63 : signed(at + 4 + j) & 15 | signed(at + j - 4) >> 2 & 0x30;
  }

  /** Minimum {@code j} of a K-quant's 8. */
  private static int min(long at, int j) {
    return j < 4 ? signed(at + 4 + j) & 63 : signed(at + 4 + j) >> 4 & 15 | signed(at + j) >> 2 & 0x30;
  }

  private static int signed(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  private static float half(long address) {
    return Half.f16ToFloat(ALL.get(Simd.SHORT, address));
  }

  /** {@code to = scale · byte} */
  private static void bytes(long from, float scale, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector q = (FloatVector) ByteVector.fromMemorySegment(BYTES, ALL, from + i, LE).convertShape(B2F, F32, 0);
      q.mul(scale).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** {@code to = scale · ((byte >> shift & 15) − offset) − min} */
  private static void nibbles(long from, int shift, float scale, int offset, float min, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      IntVector q = (IntVector) ByteVector.fromMemorySegment(BYTES, ALL, from + i, LE).convertShape(B2I, I32, 0);
      q = Lanes.NONE.or(q).lanewise(LSHR, shift).and(15).sub(offset);
      ((FloatVector) q.convert(I2F, 0)).mul(scale).sub(min).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** As {@link #nibbles} on 16 bytes, with bit i of {@code high} above nibble i. */
  private static void fiveBits(long from, int shift, int high, float scale, int offset, float min, long to) {
    for (int i = 0; i < 16; i += LANES) {
      IntVector top = IntVector.broadcast(I32, high >>> i).lanewise(LSHR, INDEX).and(1).lanewise(LSHL, 4);
      IntVector q = (IntVector) ByteVector.fromMemorySegment(BYTES, ALL, from + i, LE).convertShape(B2I, I32, 0);
      q = Lanes.NONE.or(q).lanewise(LSHR, shift).and(15).or(top).sub(offset);
      ((FloatVector) q.convert(I2F, 0)).mul(scale).sub(min).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  /** As {@link #nibbles}, with bits of the bytes at {@code high} above the nibbles. */
  private static void manyBits(
      long low,
      int lowShift,
      long high,
      int highShift,
      int highMask,
      float scale,
      int offset,
      float min,
      long to,
      int count) {
    for (int i = 0; i < count; i += LANES) {
      IntVector top = (IntVector) ByteVector.fromMemorySegment(BYTES, ALL, high + i, LE).convertShape(B2I, I32, 0);
      top = Lanes.NONE.or(top).lanewise(LSHR, highShift).and(highMask).lanewise(LSHL, 4);
      IntVector q = (IntVector) ByteVector.fromMemorySegment(BYTES, ALL, low + i, LE).convertShape(B2I, I32, 0);
      q = Lanes.NONE.or(q).lanewise(LSHR, lowShift).and(15).or(top).sub(offset);
      ((FloatVector) q.convert(I2F, 0)).mul(scale).sub(min).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }
}
