package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.I16;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.INT;
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

import io.garut.cpu.Lanes;
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
        IntVector pair = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, scales + i * 64L + column * 4L, LE));
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
   * @param coefficients where the two rows' coefficients for that block begin
   */
  static void sums(long cells, int blocks, long coefficients, long sums) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = cells + column * 4L;
      long y = sums + column * 4L;
      long c = coefficients;
      for (int block = 0; block < blocks; block++) {
        IntVector none = IntVector.broadcast(I32, 0); // see Lanes; in here, for in front it is made an object
        ShortVector noShorts = ShortVector.broadcast(I16, 0);
        ShortVector r0 = noShorts;
        ShortVector r1 = noShorts;
        for (long end = p + BLOCK; p != end; p += HALF) { // not a counted loop, see MatVecQ8
          IntVector v = none.or(IntVector.fromMemorySegment(I32, ALL, p, LE));
          ShortVector v0 = v.reinterpretAsShorts();
          ShortVector v1 = v.lanewise(LSHR, 4).reinterpretAsShorts();
          ShortVector v2 = v.lanewise(LSHR, 8).reinterpretAsShorts();
          ShortVector v3 = v.lanewise(LSHR, 12).reinterpretAsShorts();
          r0 = v0.mul(IntVector.broadcast(I32, ALL.get(INT, c)).reinterpretAsShorts()).add(r0);
          r0 = v1.mul(IntVector.broadcast(I32, ALL.get(INT, c + 4)).reinterpretAsShorts()).add(r0);
          r0 = v2.mul(IntVector.broadcast(I32, ALL.get(INT, c + 8)).reinterpretAsShorts()).add(r0);
          r0 = v3.mul(IntVector.broadcast(I32, ALL.get(INT, c + 12)).reinterpretAsShorts()).add(r0);
          r1 = v0.mul(IntVector.broadcast(I32, ALL.get(INT, c + 16)).reinterpretAsShorts()).add(r1);
          r1 = v1.mul(IntVector.broadcast(I32, ALL.get(INT, c + 20)).reinterpretAsShorts()).add(r1);
          r1 = v2.mul(IntVector.broadcast(I32, ALL.get(INT, c + 24)).reinterpretAsShorts()).add(r1);
          r1 = v3.mul(IntVector.broadcast(I32, ALL.get(INT, c + 28)).reinterpretAsShorts()).add(r1);
          c += 32;
        }
        none.or(noShorts.or(r0).reinterpretAsInts()).intoMemorySegment(ALL, y, LE);
        none.or(noShorts.or(r1).reinterpretAsInts()).intoMemorySegment(ALL, y + STEP, LE);
        y += SUMS;
      }
    }
  }

  /**
   * Adds the sums of one row, scaled, to 32 totals, block after block.
   *
   * @param sums the row's sums for the first block, {@link #SUMS} apart
   * @param scales of the panel, from {@link #decodeScales}
   * @param rowScales where the row's scales for the first block begin
   * @param offsets where its offsets for that block begin
   */
  static void scale(long sums, int blocks, long scales, long rowScales, long offsets, long totals) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long j = sums + column * 4L;
      long s = scales + column * 4L;
      long x = rowScales;
      long o = offsets;
      long y = totals + column * 4L;
      FloatVector t0 = FloatVector.fromMemorySegment(F32, ALL, y, LE);
      FloatVector t1 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE);
      for (long end = j + blocks * SUMS; j != end; j += SUMS) {
        FloatVector sx = FloatVector.broadcast(F32, ALL.get(FLOAT, x));
        IntVector j0 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j, LE));
        IntVector j1 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j + HALF, LE));
        IntVector offset = IntVector.broadcast(I32, ALL.get(INT, o));
        // lower plus upper half in the upper one, its sign spread by the shift
        t0 = sx.mul(FloatVector.fromMemorySegment(F32, ALL, s, LE))
            .fma((FloatVector) offset.add(j0.lanewise(LSHL, 16)).add(j0).lanewise(ASHR, 16).convert(I2F, 0), t0);
        t1 = sx.mul(FloatVector.fromMemorySegment(F32, ALL, s + HALF, LE))
            .fma((FloatVector) offset.add(j1.lanewise(LSHL, 16)).add(j1).lanewise(ASHR, 16).convert(I2F, 0), t1);
        s += STEP;
        x += 4;
        o += 4;
      }
      Lanes.ZERO.add(t0).intoMemorySegment(ALL, y, LE);
      Lanes.ZERO.add(t1).intoMemorySegment(ALL, y + HALF, LE);
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
