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

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row times two panels of Q8_0.
 *
 * <p>Activations stay floats: that is more exact than quantising them, as fast as memory delivers the weights, and on a
 * par with 16-bit products even from the cache. A byte is converted where it ends up by a shift to the top of its cell,
 * times 2²⁴; the scale takes that power back.
 */
final class MatVecQ8 {
  private static final int TOP = 0xff000000;

  /** 2¹¹² because the scale's bits are those of an F16 (see {@link MatVecF16}), 2⁻²⁴ for the bytes. */
  private static final float SCALE = 0x1p88f;

  private MatVecQ8() {}

  /** out[64] = x[k] · the panels at {@code w0} and {@code w1}. */
  static void pair(long w0, long w1, int k, long x, long out) {
    int cells = k / 4;
    long scales = k / 32 * 64L;
    for (int column = 0; column < NR / 2; column += LANES) {
      long p0 = w0 + scales + column * 4L;
      long p1 = w1 + scales + column * 4L;
      long s0At = w0 + column * 4L; // an int holds the scales of two columns, 16 apart
      long s1At = w1 + column * 4L;
      FloatVector t00 = FloatVector.zero(F32);
      FloatVector t01 = t00;
      FloatVector t10 = t00;
      FloatVector t11 = t00;
      FloatVector a00 = t00;
      FloatVector a01 = t00;
      FloatVector a10 = t00;
      FloatVector a11 = t00;
      for (int i = 0; i < cells; i++) { // one loop, not one per block: entering a loop costs C2's code 40 ns of range checks
        IntVector v00 = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP, LE);
        IntVector v01 = IntVector.fromMemorySegment(I32, ALL, p0 + i * STEP + HALF, LE);
        IntVector v10 = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP, LE);
        IntVector v11 = IntVector.fromMemorySegment(I32, ALL, p1 + i * STEP + HALF, LE);
        FloatVector b = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 16L));
        a00 = ((FloatVector) v00.lanewise(LSHL, 24).convert(I2F, 0)).fma(b, a00);
        a01 = ((FloatVector) v01.lanewise(LSHL, 24).convert(I2F, 0)).fma(b, a01);
        a10 = ((FloatVector) v10.lanewise(LSHL, 24).convert(I2F, 0)).fma(b, a10);
        a11 = ((FloatVector) v11.lanewise(LSHL, 24).convert(I2F, 0)).fma(b, a11);
        b = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 16L + 4));
        a00 = ((FloatVector) v00.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(b, a00);
        a01 = ((FloatVector) v01.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(b, a01);
        a10 = ((FloatVector) v10.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(b, a10);
        a11 = ((FloatVector) v11.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(b, a11);
        b = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 16L + 8));
        a00 = ((FloatVector) v00.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(b, a00);
        a01 = ((FloatVector) v01.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(b, a01);
        a10 = ((FloatVector) v10.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(b, a10);
        a11 = ((FloatVector) v11.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(b, a11);
        b = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 16L + 12));
        a00 = ((FloatVector) v00.and(TOP).convert(I2F, 0)).fma(b, a00);
        a01 = ((FloatVector) v01.and(TOP).convert(I2F, 0)).fma(b, a01);
        a10 = ((FloatVector) v10.and(TOP).convert(I2F, 0)).fma(b, a10);
        a11 = ((FloatVector) v11.and(TOP).convert(I2F, 0)).fma(b, a11);
        if ((i & 7) == 7) {
          IntVector s0 = IntVector.fromMemorySegment(I32, ALL, s0At + (i >> 3) * 64L, LE);
          IntVector s1 = IntVector.fromMemorySegment(I32, ALL, s1At + (i >> 3) * 64L, LE);
          t00 = s0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a00, t00);
          t01 = s0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a01, t01);
          t10 = s1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a10, t10);
          t11 = s1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a11, t11);
          a00 = FloatVector.zero(F32);
          a01 = a00;
          a10 = a00;
          a11 = a00;
        }
      }
      long y = out + column * 4L;
      t00.intoMemorySegment(ALL, y, LE);
      t01.intoMemorySegment(ALL, y + HALF, LE);
      t10.intoMemorySegment(ALL, y + STEP, LE);
      t11.intoMemorySegment(ALL, y + STEP + HALF, LE);
    }
  }
}
