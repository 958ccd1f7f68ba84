package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.KC;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row times two panels of F16.
 *
 * <p>The bits of a half, moved to where a float has them, are its value times 2⁻¹¹², subnormals included: the sign is
 * spread by an arithmetic shift and then cut to one bit. The missing power of two is made up in two steps, in x and in the
 * result, for 2¹¹² in one of them would overflow. An x from 2⁶⁸ on becomes infinite. The rest is
 * exact: where x is 0 or 2⁻⁵⁰ and more, its products with halves are multiples of 2⁻⁹⁷, which the least float stands for here;
 * with smaller ones, sums below 2⁻⁷⁴ are rounded to such multiples.
 */
final class MatVecF16 {
  /** Sign and what the shift leaves of exponent and mantissa. */
  static final int KEEP = 0x8fffe000;

  /** What x has to be multiplied by beforehand. */
  static final float BEFORE = 0x1p60f;

  /** What the result is multiplied by. */
  static final float AFTER = 0x1p52f;

  private MatVecF16() {}

  /**
   * out[2][32], {@code apart} bytes from each other, = x[k] · the panels at {@code w0} and {@code w1};
   * {@code x} has been multiplied by {@link #BEFORE}.
   */
  static void pair(long w0, long w1, int k, long x, long out, long apart) {
    IntVector keep = IntVector.broadcast(I32, KEEP); // once, for each takes a share of what C2 inlines
    for (int column = 0; column < NR / 2; column += LANES) {
      long p0 = w0 + column * 4L;
      long p1 = w1 + column * 4L;
      FloatVector t00 = FloatVector.zero(F32);
      FloatVector t01 = t00;
      FloatVector t10 = t00;
      FloatVector t11 = t00;
      for (int from = 0; from < k; from += KC) {
        int to = Math.min(from + KC, k) / 2;
        FloatVector a00 = FloatVector.zero(F32);
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        for (int i = from / 2; i < to; i++) {
          FloatVector b0 = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 8L));
          FloatVector b1 = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 8L + 4));
          IntVector v00 = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP, LE);
          IntVector v01 = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP + HALF, LE);
          IntVector v10 = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP, LE);
          IntVector v11 = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP + HALF, LE);
          a00 = v00.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a00);
          a01 = v01.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a01);
          a10 = v10.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a10);
          a11 = v11.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a11);
          a00 = v00.lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b1, a00);
          a01 = v01.lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b1, a01);
          a10 = v10.lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b1, a10);
          a11 = v11.lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b1, a11);
        }
        if (from + KC > k && (k & 1) != 0) { // the last cell holds one step only
          FloatVector b0 = FloatVector.broadcast(F32, ALL.get(FLOAT, x + to * 8L));
          IntVector v00 = IntVector.fromMemorySegment(I32, ALL, p0 + to * STEP, LE);
          IntVector v01 = IntVector.fromMemorySegment(I32, ALL, p0 + to * STEP + HALF, LE);
          IntVector v10 = IntVector.fromMemorySegment(I32, ALL, p1 + to * STEP, LE);
          IntVector v11 = IntVector.fromMemorySegment(I32, ALL, p1 + to * STEP + HALF, LE);
          a00 = v00.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a00);
          a01 = v01.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a01);
          a10 = v10.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a10);
          a11 = v11.lanewise(LSHL, 16).lanewise(ASHR, 3).and(keep).reinterpretAsFloats().fma(b0, a11);
        }
        t00 = t00.add(a00);
        t01 = t01.add(a01);
        t10 = t10.add(a10);
        t11 = t11.add(a11);
      }
      long y = out + column * 4L;
      t00.mul(AFTER).intoMemorySegment(ALL, y, LE);
      t01.mul(AFTER).intoMemorySegment(ALL, y + HALF, LE);
      t10.mul(AFTER).intoMemorySegment(ALL, y + apart, LE);
      t11.mul(AFTER).intoMemorySegment(ALL, y + apart + HALF, LE);
    }
  }
}
