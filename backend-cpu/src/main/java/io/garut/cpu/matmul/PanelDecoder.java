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

  /** That, and 2⁻²⁴ for bytes at the top of their cells. */
  private static final float Q8_SCALE = 0x1p88f;

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
      case Q8_0 -> {
        long cells = panel + columns * 2L + from / 4 * HALF;
        q8(panel + from * 2L, 16, cells, count / 32, to);
        q8(panel + from * 2L, 0, cells + columns / 4 * HALF, count / 32, to + HALF);
      }
      case F32, F64, Q4_0, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(dtype);
    }
  }

  private static void f16(long cells, int count, long to) {
    IntVector none = IntVector.broadcast(I32, 0); // see Lanes
    FloatVector scale = FloatVector.broadcast(F32, F16_SCALE);
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = to + column * 4L;
      for (int i = 0; i < count; i++) {
        IntVector v0 = none.or(IntVector.fromMemorySegment(I32, ALL, p + i * STEP, LE));
        IntVector v1 = none.or(IntVector.fromMemorySegment(I32, ALL, p + i * STEP + HALF, LE));
        scale.mul(v0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
            .intoMemorySegment(ALL, y + i * (2 * STEP), LE);
        scale.mul(v1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
            .intoMemorySegment(ALL, y + i * (2 * STEP) + HALF, LE);
        scale.mul(v0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
            .intoMemorySegment(ALL, y + i * (2 * STEP) + STEP, LE);
        scale.mul(v1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
            .intoMemorySegment(ALL, y + i * (2 * STEP) + (STEP + HALF), LE);
      }
    }
  }

  private static void bf16(long cells, int count, long to) {
    IntVector none = IntVector.broadcast(I32, 0); // see Lanes
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = to + column * 4L;
      for (int i = 0; i < count; i++) {
        IntVector v0 = none.or(IntVector.fromMemorySegment(I32, ALL, p + i * STEP, LE));
        IntVector v1 = none.or(IntVector.fromMemorySegment(I32, ALL, p + i * STEP + HALF, LE));
        v0.lanewise(LSHL, 16).intoMemorySegment(ALL, y + i * (2 * STEP), LE);
        v1.lanewise(LSHL, 16).intoMemorySegment(ALL, y + i * (2 * STEP) + HALF, LE);
        v0.and(UPPER).intoMemorySegment(ALL, y + i * (2 * STEP) + STEP, LE);
        v1.and(UPPER).intoMemorySegment(ALL, y + i * (2 * STEP) + (STEP + HALF), LE);
      }
    }
  }

  /** Half a panel: {@code shift} is 16 for the first, whose scales are in the lower halves of their ints, 0 for the second. */
  private static void q8(long scales, int shift, long cells, int count, long to) {
    IntVector none = IntVector.broadcast(I32, 0); // see Lanes
    IntVector top = IntVector.broadcast(I32, TOP);
    FloatVector power = FloatVector.broadcast(F32, Q8_SCALE);
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = to + column * 4L;
      long s = scales + column * 4L;
      for (int block = 0; block < count; block++) {
        IntVector bits = none.or(IntVector.fromMemorySegment(I32, ALL, s + block * 64L, LE));
        FloatVector scale = power.mul(bits.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats());
        for (long end = p + 8 * HALF; p != end; p += HALF) { // not a counted loop, see MatVecQ8
          IntVector v = none.or(IntVector.fromMemorySegment(I32, ALL, p, LE));
          scale.mul((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0)).intoMemorySegment(ALL, y, LE);
          scale.mul((FloatVector) v.lanewise(LSHL, 16).and(top).convert(I2F, 0))
              .intoMemorySegment(ALL, y + STEP, LE);
          scale.mul((FloatVector) v.lanewise(LSHL, 8).and(top).convert(I2F, 0))
              .intoMemorySegment(ALL, y + 2 * STEP, LE);
          scale.mul((FloatVector) v.and(top).convert(I2F, 0)).intoMemorySegment(ALL, y + 3 * STEP, LE);
          y += 4 * STEP;
        }
      }
    }
  }
}
