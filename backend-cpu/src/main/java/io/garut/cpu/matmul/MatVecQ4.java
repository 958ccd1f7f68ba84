package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.cpu.matmul.MatVecF16.AFTER;
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
 * One row, quantised by {@link Int8Rows}, times two panels of Q4_0.
 *
 * <p>A cell V holds eight nibbles n₀…n₇ of one column. No nibble is ever isolated: with V_j = V >>> 4j,
 * n_j = V_j − 16 V_{j+1}, so that Σ x_j n_j = Σ (x_j − 16 x_{j−1}) V_j. Modulo 2¹⁶ only the low half of V_j matters, and that of
 * V_{j+4} is the upper half of V_j: three shifts serve eight products, which 16-bit lanes multiply modulo 2¹⁶ by coefficients
 * prepared once for all columns. The sum over a block, the offset of 8 taken from every nibble, is at most 32 · 127 · 8 =
 * 32512 and so known exactly in the end.
 */
final class MatVecQ4 {
  /** Bytes of the cells of a block. */
  private static final long BLOCK = 4 * STEP;

  private MatVecQ4() {}

  /**
   * out[64] = x[k] · the panels at {@code w0} and {@code w1}.
   *
   * @param row the quantised row, alone in its group
   */
  static void pair(long w0, long w1, int k, Int8Rows row, long out) {
    int[] coefficients = row.coefficients;
    float[] scales = row.scales;
    int[] offsets = row.offsets;
    int blocks = k / 32;
    long skip = blocks * 64L;
    for (int column = 0; column < NR / 2; column += LANES) {
      long s0 = w0 + column * 4L; // an int holds the scales of two columns, 16 apart
      long s1 = w1 + column * 4L;
      FloatVector t00 = FloatVector.zero(F32);
      FloatVector t01 = t00;
      FloatVector t10 = t00;
      FloatVector t11 = t00;
      for (int block = 0; block < blocks; block++) {
        long p0 = s0 + skip + block * BLOCK;
        long p1 = s1 + skip + block * BLOCK;
        int c = block * 16;
        ShortVector r00 = IntVector.broadcast(I32, offsets[block]).reinterpretAsShorts(); // in the lower halves
        ShortVector r01 = r00;
        ShortVector r10 = r00;
        ShortVector r11 = r00;
        for (long end = p0 + BLOCK; p0 != end; p0 += STEP) { // not a counted loop, see MatVecQ8
          ShortVector c0 = IntVector.broadcast(I32, coefficients[c]).reinterpretAsShorts();
          ShortVector c1 = IntVector.broadcast(I32, coefficients[c + 1]).reinterpretAsShorts();
          ShortVector c2 = IntVector.broadcast(I32, coefficients[c + 2]).reinterpretAsShorts();
          ShortVector c3 = IntVector.broadcast(I32, coefficients[c + 3]).reinterpretAsShorts();
          IntVector v00 = IntVector.fromMemorySegment(I32, ALL, p0, LE);
          IntVector v01 = IntVector.fromMemorySegment(I32, ALL, p0 + HALF, LE);
          IntVector v10 = IntVector.fromMemorySegment(I32, ALL, p1, LE);
          IntVector v11 = IntVector.fromMemorySegment(I32, ALL, p1 + HALF, LE);
          r00 = r00.add(v00.reinterpretAsShorts().mul(c0))
              .add(v00.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v00.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v00.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          r01 = r01.add(v01.reinterpretAsShorts().mul(c0))
              .add(v01.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v01.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v01.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          r10 = r10.add(v10.reinterpretAsShorts().mul(c0))
              .add(v10.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v10.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v10.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          r11 = r11.add(v11.reinterpretAsShorts().mul(c0))
              .add(v11.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v11.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v11.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          p1 += STEP;
          c += 4;
        }
        FloatVector sx = FloatVector.broadcast(F32, scales[block]);
        IntVector f0 = IntVector.fromMemorySegment(I32, ALL, s0 + block * 64L, LE);
        IntVector f1 = IntVector.fromMemorySegment(I32, ALL, s1 + block * 64L, LE);
        IntVector j = r00.reinterpretAsInts(); // lower plus upper half in the upper one, its sign spread by the shift
        t00 = f0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j.lanewise(LSHL, 16).add(j).lanewise(ASHR, 16).convert(I2F, 0), t00);
        j = r01.reinterpretAsInts();
        t01 = f0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j.lanewise(LSHL, 16).add(j).lanewise(ASHR, 16).convert(I2F, 0), t01);
        j = r10.reinterpretAsInts();
        t10 = f1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j.lanewise(LSHL, 16).add(j).lanewise(ASHR, 16).convert(I2F, 0), t10);
        j = r11.reinterpretAsInts();
        t11 = f1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j.lanewise(LSHL, 16).add(j).lanewise(ASHR, 16).convert(I2F, 0), t11);
      }
      long y = out + column * 4L;
      t00.mul(AFTER).intoMemorySegment(ALL, y, LE);
      t01.mul(AFTER).intoMemorySegment(ALL, y + HALF, LE);
      t10.mul(AFTER).intoMemorySegment(ALL, y + STEP, LE);
      t11.mul(AFTER).intoMemorySegment(ALL, y + STEP + HALF, LE);
    }
  }
}
