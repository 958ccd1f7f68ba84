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
  private MatVecQ4() {}

  /**
   * out[64] = x[k] · the panels at {@code w0} and {@code w1}.
   *
   * @param coefficients 4 ints for every 8 steps of k, see {@link Int8Rows}
   * @param scales a float and an int for every 32 steps of k
   */
  static void pair(long w0, long w1, int k, long coefficients, long scales, long out) {
    int cells = k / 8;
    long skip = k / 32 * 64L;
    for (int column = 0; column < NR / 2; column += LANES) {
      long s0At = w0 + column * 4L; // an int holds the scales of two columns, 16 apart
      long s1At = w1 + column * 4L;
      long p0 = s0At + skip;
      long p1 = s1At + skip;
      FloatVector t00 = FloatVector.zero(F32);
      FloatVector t01 = t00;
      FloatVector t10 = t00;
      FloatVector t11 = t00;
      ShortVector r00 = ShortVector.zero(I16);
      ShortVector r01 = r00;
      ShortVector r10 = r00;
      ShortVector r11 = r00;
      for (int i = 0; i < cells; i++) { // one loop for all blocks, as in MatVecQ8
        ShortVector c0 = IntVector.broadcast(I32, ALL.get(INT, coefficients + i * 16L)).reinterpretAsShorts();
        ShortVector c1 = IntVector.broadcast(I32, ALL.get(INT, coefficients + i * 16L + 4)).reinterpretAsShorts();
        ShortVector c2 = IntVector.broadcast(I32, ALL.get(INT, coefficients + i * 16L + 8)).reinterpretAsShorts();
        ShortVector c3 = IntVector.broadcast(I32, ALL.get(INT, coefficients + i * 16L + 12)).reinterpretAsShorts();
        IntVector v = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP, LE);
        r00 = r00.add(v.reinterpretAsShorts().mul(c0))
            .add(v.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
            .add(v.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
            .add(v.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
        v = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP + HALF, LE);
        r01 = r01.add(v.reinterpretAsShorts().mul(c0))
            .add(v.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
            .add(v.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
            .add(v.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
        v = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP, LE);
        r10 = r10.add(v.reinterpretAsShorts().mul(c0))
            .add(v.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
            .add(v.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
            .add(v.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
        v = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP + HALF, LE);
        r11 = r11.add(v.reinterpretAsShorts().mul(c0))
            .add(v.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1))
            .add(v.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2))
            .add(v.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3));
        if ((i & 3) == 3) {
          FloatVector sx = FloatVector.broadcast(F32, ALL.get(FLOAT, scales + (i >> 2) * 8L));
          IntVector offset = IntVector.broadcast(I32, ALL.get(INT, scales + (i >> 2) * 8L + 4));
          IntVector s0 = IntVector.fromMemorySegment(I32, ALL, s0At + (i >> 2) * 64L, LE);
          IntVector s1 = IntVector.fromMemorySegment(I32, ALL, s1At + (i >> 2) * 64L, LE);
          IntVector j = r00.reinterpretAsInts(); // lower plus upper half in the upper one, its sign spread by the shift
          t00 = s0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
              .fma((FloatVector) j.lanewise(LSHL, 16).add(j).add(offset).lanewise(ASHR, 16).convert(I2F, 0), t00);
          j = r01.reinterpretAsInts();
          t01 = s0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
              .fma((FloatVector) j.lanewise(LSHL, 16).add(j).add(offset).lanewise(ASHR, 16).convert(I2F, 0), t01);
          j = r10.reinterpretAsInts();
          t10 = s1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
              .fma((FloatVector) j.lanewise(LSHL, 16).add(j).add(offset).lanewise(ASHR, 16).convert(I2F, 0), t10);
          j = r11.reinterpretAsInts();
          t11 = s1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(sx)
              .fma((FloatVector) j.lanewise(LSHL, 16).add(j).add(offset).lanewise(ASHR, 16).convert(I2F, 0), t11);
          r00 = ShortVector.zero(I16);
          r01 = r00;
          r10 = r00;
          r11 = r00;
        }
      }
      long y = out + column * 4L;
      t00.mul(AFTER).intoMemorySegment(ALL, y, LE);
      t01.mul(AFTER).intoMemorySegment(ALL, y + HALF, LE);
      t10.mul(AFTER).intoMemorySegment(ALL, y + STEP, LE);
      t11.mul(AFTER).intoMemorySegment(ALL, y + STEP + HALF, LE);
    }
  }
}
