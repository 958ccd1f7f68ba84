package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
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
 * One row, quantised by {@link Int8Rows}, times a panel of Q4_0.
 *
 * <p>A cell V holds eight nibbles n₀…n₇ of one column. No nibble is ever isolated: with V_j = V >>> 4j, n_j = V_j − 16
 * V_{j+1}, so that Σ x_j n_j = Σ (x_j − 16 x_{j−1}) V_j. Modulo 2¹⁶ only the low half of V_j matters, and that of V_{j+4} is
 * the upper half of V_j: three shifts serve eight products, which 16-bit lanes multiply modulo 2¹⁶ by coefficients prepared
 * once for all columns. The sum over a block, the offset of 8 taken from every nibble, is at most 32 · 127 · 8 = 32512 and so
 * known exactly in the end.
 */
final class MatVecQ4 {
  /** Bytes of the cells of a block in half a panel. */
  private static final long BLOCK = 4 * HALF;

  private MatVecQ4() {}

  /**
   * out[32] = x[k] · the panel at {@code w}.
   *
   * @param row the quantised row, alone in its group
   */
  static void panel(long w, int k, Int8Rows row, long out) {
    int[] coefficients = row.coefficients;
    float[] rowScales = row.scales;
    int[] offsets = row.offsets;
    int blocks = k / 32;
    for (int column = 0; column < NR / 2; column += LANES) {
      long scales = w + column * 4L; // an int holds the scales of two columns, 16 apart
      long p0 = scales + blocks * 64L;
      long p1 = p0 + blocks * BLOCK;
      int c = 0;
      FloatVector t0 = FloatVector.zero(F32);
      FloatVector t1 = t0;
      for (int block = 0; block < blocks; block++) {
        ShortVector r0 = IntVector.broadcast(I32, offsets[block]).reinterpretAsShorts(); // in the lower halves
        ShortVector r1 = r0;
        for (long end = p0 + BLOCK; p0 != end; p0 += HALF) { // not a counted loop, see MatVecQ8
          ShortVector c0 = IntVector.broadcast(I32, coefficients[c]).reinterpretAsShorts();
          ShortVector c1 = IntVector.broadcast(I32, coefficients[c + 1]).reinterpretAsShorts();
          ShortVector c2 = IntVector.broadcast(I32, coefficients[c + 2]).reinterpretAsShorts();
          ShortVector c3 = IntVector.broadcast(I32, coefficients[c + 3]).reinterpretAsShorts();
          IntVector v0 = IntVector.fromMemorySegment(I32, ALL, p0, LE);
          IntVector v1 = IntVector.fromMemorySegment(I32, ALL, p1, LE);
          r0 = r0.add(v0.reinterpretAsShorts().mul(c0))
              .add(v0.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v0.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v0.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          r1 = r1.add(v1.reinterpretAsShorts().mul(c0))
              .add(v1.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
              .add(v1.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
              .add(v1.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
          p1 += HALF;
          c += 4;
        }
        FloatVector sx = FloatVector.broadcast(F32, rowScales[block]);
        IntVector s = IntVector.fromMemorySegment(I32, ALL, scales + block * 64L, LE);
        IntVector j0 = r0.reinterpretAsInts(); // lower plus upper half in the upper one, its sign spread by the shift
        IntVector j1 = r1.reinterpretAsInts();
        t0 = s.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j0.lanewise(LSHL, 16).add(j0).lanewise(ASHR, 16).convert(I2F, 0), t0);
        t1 = s.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
            .fma((FloatVector) j1.lanewise(LSHL, 16).add(j1).lanewise(ASHR, 16).convert(I2F, 0), t1);
      }
      t0.mul(AFTER).intoMemorySegment(ALL, out + column * 4L, LE);
      t1.mul(AFTER).intoMemorySegment(ALL, out + column * 4L + HALF, LE);
    }
  }
}
