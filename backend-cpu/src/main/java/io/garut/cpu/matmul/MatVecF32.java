package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.KC;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.FloatVector;

/** One row times four panels of F32. */
final class MatVecF32 {
  private MatVecF32() {}

  /**
   * out[4][32], {@code apart} bytes from each other, = x[k] · the panels at {@code w0} to {@code w3}. The
   * loaded vector is the second factor, for C2 folds a load into a multiply-add there only, and that doubles the speed of one
   * stream.
   */
  static void quad(long w0, long w1, long w2, long w3, int k, long x, long out, long apart) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p0 = w0 + column * 4L;
      long p1 = w1 + column * 4L;
      long p2 = w2 + column * 4L;
      long p3 = w3 + column * 4L;
      FloatVector t00 = FloatVector.zero(F32);
      FloatVector t01 = t00;
      FloatVector t10 = t00;
      FloatVector t11 = t00;
      FloatVector t20 = t00;
      FloatVector t21 = t00;
      FloatVector t30 = t00;
      FloatVector t31 = t00;
      for (int from = 0; from < k; from += KC) {
        int to = Math.min(from + KC, k);
        FloatVector a00 = FloatVector.zero(F32);
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        for (int i = from; i < to; i++) {
          FloatVector b = FloatVector.broadcast(F32, ALL.get(FLOAT, x + i * 4L));
          a00 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p0 + i * STEP, LE), a00);
          a01 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p0 + i * STEP + HALF, LE), a01);
          a10 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p1 + i * STEP, LE), a10);
          a11 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p1 + i * STEP + HALF, LE), a11);
          a20 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p2 + i * STEP, LE), a20);
          a21 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p2 + i * STEP + HALF, LE), a21);
          a30 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p3 + i * STEP, LE), a30);
          a31 = b.fma(FloatVector.fromMemorySegment(F32, ALL, p3 + i * STEP + HALF, LE), a31);
        }
        t00 = t00.add(a00);
        t01 = t01.add(a01);
        t10 = t10.add(a10);
        t11 = t11.add(a11);
        t20 = t20.add(a20);
        t21 = t21.add(a21);
        t30 = t30.add(a30);
        t31 = t31.add(a31);
      }
      long y = out + column * 4L;
      t00.intoMemorySegment(ALL, y, LE);
      t01.intoMemorySegment(ALL, y + HALF, LE);
      t10.intoMemorySegment(ALL, y + apart, LE);
      t11.intoMemorySegment(ALL, y + apart + HALF, LE);
      t20.intoMemorySegment(ALL, y + 2 * apart, LE);
      t21.intoMemorySegment(ALL, y + 2 * apart + HALF, LE);
      t30.intoMemorySegment(ALL, y + 3 * apart, LE);
      t31.intoMemorySegment(ALL, y + 3 * apart + HALF, LE);
    }
  }
}
