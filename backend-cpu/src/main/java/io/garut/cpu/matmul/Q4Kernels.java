package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
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
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Several rows, quantised by {@link Int8Rows}, times a panel of Q4_0: the arithmetic of {@link MatVecQ4} in three steps, so
 * that two rows share the shifts and every method stays small enough for C2. It does twice as many products in a second as
 * floats could.
 */
final class Q4Kernels {
  /** Bytes of the cells of a block in half a panel. */
  static final long BLOCK = 4 * HALF;

  /** Bytes of the sums of a block for two rows. */
  static final long SUMS = 2 * STEP;

  private Q4Kernels() {}

  /** Scales of {@code blocks} blocks as [blocks][32] floats, times 2⁻¹¹². */
  static void decodeScales(long scales, int blocks, long to) {
    for (int column = 0; column < NR / 2; column += LANES) {
      for (int i = 0; i < blocks; i++) {
        IntVector pair = IntVector.fromMemorySegment(I32, ALL, scales + i * 64L + column * 4L, LE);
        pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).intoMemorySegment(ALL, to + i * STEP + column * 4L, LE);
        pair.lanewise(ASHR, 3).and(KEEP).intoMemorySegment(ALL, to + i * STEP + column * 4L + HALF, LE);
      }
    }
  }

  /**
   * Sums of products of two rows and half a panel over each of {@code blocks} blocks, as [blocks][2][32] pairs of 16-bit
   * halves that are yet to be added, of which this fills 16.
   *
   * @param cells the half panel's cells at the first block
   * @param coefficient the index of the two rows' first coefficient for that block
   * @param offset the index of the first row's offset for it
   * @param nextRow from an offset of the first row to the same of the second
   */
  static void sums(
      long cells, int blocks, int[] coefficients, int coefficient, int[] offsets, int offset, int nextRow, long sums) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = sums + column * 4L;
      int c = coefficient;
      for (int block = 0; block < blocks; block++) {
        ShortVector r0 = IntVector.broadcast(I32, offsets[offset + block]).reinterpretAsShorts();
        ShortVector r1 = IntVector.broadcast(I32, offsets[offset + nextRow + block]).reinterpretAsShorts();
        for (long end = p + BLOCK; p != end; p += HALF) { // not a counted loop, see MatVecQ8
          IntVector v = IntVector.fromMemorySegment(I32, ALL, p, LE);
          ShortVector v0 = v.reinterpretAsShorts();
          ShortVector v1 = v.lanewise(LSHR, 4).reinterpretAsShorts();
          ShortVector v2 = v.lanewise(LSHR, 8).reinterpretAsShorts();
          ShortVector v3 = v.lanewise(LSHR, 12).reinterpretAsShorts();
          r0 = r0.add(v0.mul(IntVector.broadcast(I32, coefficients[c]).reinterpretAsShorts()))
              .add(v1.mul(IntVector.broadcast(I32, coefficients[c + 1]).reinterpretAsShorts()))
              .add(v2.mul(IntVector.broadcast(I32, coefficients[c + 2]).reinterpretAsShorts()))
              .add(v3.mul(IntVector.broadcast(I32, coefficients[c + 3]).reinterpretAsShorts()));
          r1 = r1.add(v0.mul(IntVector.broadcast(I32, coefficients[c + 4]).reinterpretAsShorts()))
              .add(v1.mul(IntVector.broadcast(I32, coefficients[c + 5]).reinterpretAsShorts()))
              .add(v2.mul(IntVector.broadcast(I32, coefficients[c + 6]).reinterpretAsShorts()))
              .add(v3.mul(IntVector.broadcast(I32, coefficients[c + 7]).reinterpretAsShorts()));
          c += 8;
        }
        r0.reinterpretAsInts().intoMemorySegment(ALL, y, LE);
        r1.reinterpretAsInts().intoMemorySegment(ALL, y + STEP, LE);
        y += SUMS;
      }
    }
  }

  /**
   * Adds the sums of one row, scaled, to 32 totals, block after block.
   *
   * @param sums the row's sums for the first block, {@link #SUMS} apart
   * @param scales of the panel, from {@link #decodeScales}
   * @param rowScales of the row, from {@link Int8Rows}, the first at index {@code rowScale}
   */
  static void scale(long sums, int blocks, long scales, float[] rowScales, int rowScale, long totals) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long j = sums + column * 4L;
      long s = scales + column * 4L;
      int x = rowScale;
      long y = totals + column * 4L;
      FloatVector t0 = FloatVector.fromMemorySegment(F32, ALL, y, LE);
      FloatVector t1 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE);
      for (long end = j + blocks * SUMS; j != end; j += SUMS) {
        FloatVector sx = FloatVector.broadcast(F32, rowScales[x]);
        IntVector j0 = IntVector.fromMemorySegment(I32, ALL, j, LE);
        IntVector j1 = IntVector.fromMemorySegment(I32, ALL, j + HALF, LE);
        // lower plus upper half in the upper one, its sign spread by the shift
        t0 = sx.mul(FloatVector.fromMemorySegment(F32, ALL, s, LE))
            .fma((FloatVector) j0.lanewise(LSHL, 16).add(j0).lanewise(ASHR, 16).convert(I2F, 0), t0);
        t1 = sx.mul(FloatVector.fromMemorySegment(F32, ALL, s + HALF, LE))
            .fma((FloatVector) j1.lanewise(LSHL, 16).add(j1).lanewise(ASHR, 16).convert(I2F, 0), t1);
        s += STEP;
        x++;
      }
      t0.intoMemorySegment(ALL, y, LE);
      t1.intoMemorySegment(ALL, y + HALF, LE);
    }
  }

  /** y[count] = totals[count] · {@link MatVecF16#AFTER}. */
  static void finish(long totals, int count, long y) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector.fromMemorySegment(F32, ALL, totals + i * 4L, LE)
          .mul(MatVecF16.AFTER)
          .intoMemorySegment(ALL, y + i * 4L, LE);
    }
    for (; i < count; i++) {
      ALL.set(FLOAT, y + i * 4L, ALL.get(FLOAT, totals + i * 4L) * MatVecF16.AFTER);
    }
  }
}
