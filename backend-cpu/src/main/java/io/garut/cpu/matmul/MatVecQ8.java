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
  /** Bytes of the cells of a block. */
  private static final long BLOCK = 8 * STEP;

  private static final int TOP = 0xff000000;

  /** 2¹¹² because the scale's bits are those of an F16 (see {@link MatVecF16}), 2⁻²⁴ for the bytes. */
  private static final float SCALE = 0x1p88f;

  private MatVecQ8() {}

  /** out[64] = x[k] · the panels at {@code w0} and {@code w1}. */
  static void pair(long w0, long w1, int k, float[] x, long out) {
    int blocks = k / 32;
    long skip = blocks * 64L;
    IntVector top = IntVector.broadcast(I32, TOP);
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
        int b = block * 32;
        FloatVector a00 = FloatVector.zero(F32);
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        // Not a counted loop, for entering one costs 40 ns of range checks in C2's code.
        for (long end = p0 + BLOCK; p0 != end; p0 += STEP) {
          IntVector v00 = IntVector.fromMemorySegment(I32, ALL, p0, LE);
          IntVector v01 = IntVector.fromMemorySegment(I32, ALL, p0 + HALF, LE);
          IntVector v10 = IntVector.fromMemorySegment(I32, ALL, p1, LE);
          IntVector v11 = IntVector.fromMemorySegment(I32, ALL, p1 + HALF, LE);
          FloatVector b0 = FloatVector.broadcast(F32, x[b]);
          a00 = ((FloatVector) v00.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, a00);
          a01 = ((FloatVector) v01.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, a01);
          a10 = ((FloatVector) v10.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, a10);
          a11 = ((FloatVector) v11.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, a11);
          FloatVector b1 = FloatVector.broadcast(F32, x[b + 1]);
          a00 = ((FloatVector) v00.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, a00);
          a01 = ((FloatVector) v01.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, a01);
          a10 = ((FloatVector) v10.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, a10);
          a11 = ((FloatVector) v11.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, a11);
          FloatVector b2 = FloatVector.broadcast(F32, x[b + 2]);
          a00 = ((FloatVector) v00.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, a00);
          a01 = ((FloatVector) v01.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, a01);
          a10 = ((FloatVector) v10.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, a10);
          a11 = ((FloatVector) v11.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, a11);
          FloatVector b3 = FloatVector.broadcast(F32, x[b + 3]);
          a00 = ((FloatVector) v00.and(top).convert(I2F, 0)).fma(b3, a00);
          a01 = ((FloatVector) v01.and(top).convert(I2F, 0)).fma(b3, a01);
          a10 = ((FloatVector) v10.and(top).convert(I2F, 0)).fma(b3, a10);
          a11 = ((FloatVector) v11.and(top).convert(I2F, 0)).fma(b3, a11);
          p1 += STEP;
          b += 4;
        }
        IntVector c0 = IntVector.fromMemorySegment(I32, ALL, s0 + block * 64L, LE);
        IntVector c1 = IntVector.fromMemorySegment(I32, ALL, s1 + block * 64L, LE);
        t00 = c0.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a00, t00);
        t01 = c0.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a01, t01);
        t10 = c1.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a10, t10);
        t11 = c1.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(a11, t11);
      }
      long y = out + column * 4L;
      t00.intoMemorySegment(ALL, y, LE);
      t01.intoMemorySegment(ALL, y + HALF, LE);
      t10.intoMemorySegment(ALL, y + STEP, LE);
      t11.intoMemorySegment(ALL, y + STEP + HALF, LE);
    }
  }
}
