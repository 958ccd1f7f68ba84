package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.cpu.matmul.MatVecF16.KEEP;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.garut.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Panels of F16, BF16 and Q8_0 turned into panels of F32, some steps of k at a time. Exact: the product of a scale of
 * 11 bits and a weight of 8 fits into a float's 24.
 */
final class PanelDecoder {
  /** A float's exponent that F16 bits moved to their place lack; see {@link MatVecF16}. */
  private static final float F16_SCALE = 0x1p112f;

  private static final int UPPER = 0xffff0000;
  private static final int TOP = 0xff000000;

  private PanelDecoder() {}

  /**
   * Writes steps {@code from} to {@code from + count} of a panel as [count][32] floats, one step more where {@code count} is
   * odd.
   *
   * @param columns K, of the whole panel
   * @param from a multiple of 32
   */
  static void decode(DType dtype, long panel, int columns, int from, int count, long to) {
    switch (dtype) {
      case F16 -> f16(panel + from / 2 * STEP, (count + 1) / 2, to);
      case BF16 -> bf16(panel + from / 2 * STEP, (count + 1) / 2, to);
      case Q8_0 -> q8(panel + from * 2L, panel + columns * 2L + from / 4 * STEP, count / 4, to);
      case F32, F64, Q4_0, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(dtype);
    }
  }

  private static void f16(long cells, int count, long to) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = to + column * 4L;
      for (int i = 0; i < count; i++) {
        IntVector v0 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP, LE);
        IntVector v1 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP + HALF, LE);
        v0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(F16_SCALE)
            .intoMemorySegment(ALL, y + i * (2 * STEP), LE);
        v1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(F16_SCALE)
            .intoMemorySegment(ALL, y + i * (2 * STEP) + HALF, LE);
        v0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(F16_SCALE)
            .intoMemorySegment(ALL, y + i * (2 * STEP) + STEP, LE);
        v1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(F16_SCALE)
            .intoMemorySegment(ALL, y + i * (2 * STEP) + (STEP + HALF), LE);
      }
    }
  }

  private static void bf16(long cells, int count, long to) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = to + column * 4L;
      for (int i = 0; i < count; i++) {
        IntVector v0 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP, LE);
        IntVector v1 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP + HALF, LE);
        v0.lanewise(LSHL, 16).intoMemorySegment(ALL, y + i * (2 * STEP), LE);
        v1.lanewise(LSHL, 16).intoMemorySegment(ALL, y + i * (2 * STEP) + HALF, LE);
        v0.and(UPPER).intoMemorySegment(ALL, y + i * (2 * STEP) + STEP, LE);
        v1.and(UPPER).intoMemorySegment(ALL, y + i * (2 * STEP) + (STEP + HALF), LE);
      }
    }
  }

  private static void q8(long scales, long cells, int count, long to) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long s = scales + column * 4L;
      long y = to + column * 4L;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = s0;
      for (int i = 0; i < count; i++) {
        if ((i & 7) == 0) {
          IntVector pair = IntVector.fromMemorySegment(I32, ALL, s + (i >> 3) * 64L, LE);
          s0 = pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(0x1p88f);
          s1 = pair.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(0x1p88f);
        }
        IntVector v0 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP, LE);
        IntVector v1 = IntVector.fromMemorySegment(I32, ALL, p + i * STEP + HALF, LE);
        long z = y + i * (4 * STEP);
        ((FloatVector) v0.lanewise(LSHL, 24).convert(I2F, 0)).mul(s0).intoMemorySegment(ALL, z, LE);
        ((FloatVector) v1.lanewise(LSHL, 24).convert(I2F, 0)).mul(s1).intoMemorySegment(ALL, z + HALF, LE);
        ((FloatVector) v0.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).mul(s0).intoMemorySegment(ALL, z + STEP, LE);
        ((FloatVector) v1.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).mul(s1)
            .intoMemorySegment(ALL, z + (STEP + HALF), LE);
        ((FloatVector) v0.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).mul(s0).intoMemorySegment(ALL, z + 2 * STEP, LE);
        ((FloatVector) v1.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).mul(s1)
            .intoMemorySegment(ALL, z + (2 * STEP + HALF), LE);
        ((FloatVector) v0.and(TOP).convert(I2F, 0)).mul(s0).intoMemorySegment(ALL, z + 3 * STEP, LE);
        ((FloatVector) v1.and(TOP).convert(I2F, 0)).mul(s1).intoMemorySegment(ALL, z + (3 * STEP + HALF), LE);
      }
    }
  }
}
