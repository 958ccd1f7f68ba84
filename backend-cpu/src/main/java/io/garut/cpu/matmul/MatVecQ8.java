package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.MatVecF16.KEEP;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.garut.cpu.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row times four panels of Q8_0.
 *
 * <p>Activations stay floats: that is more exact than quantising them, and as fast as memory delivers the weights. A byte is
 * converted where it ends up by a shift to the top of its cell, times 2²⁴; the scale takes that power back.
 *
 * <p>The same half of four panels is worked on at a time: four places in memory, each read on and on, are what the processor
 * foresees best, and four sums hide the latency of a multiply-add.
 */
final class MatVecQ8 {
  /** Bytes of the cells of a block in half a panel. */
  private static final long BLOCK = 8 * HALF;

  private static final int TOP = 0xff000000;

  /** 2¹¹² because the scale's bits are those of an F16 (see {@link MatVecF16}), 2⁻²⁴ for the bytes. */
  private static final float SCALE = 0x1p88f;

  private MatVecQ8() {}

  /** out[4][32], {@code apart} bytes from each other, = x[k] · the panels at {@code w0} to {@code w3}. */
  static void quad(long w0, long w1, long w2, long w3, int k, long x, long out, long apart) {
    for (int half = 0; half < 2; half++) {
      for (int column = 0; column < NR / 2; column += LANES) {
        half(w0, w1, w2, w3, half, column, k, x, out + half * HALF + column * 4L, apart);
      }
    }
  }

  private static void half(
      long w0, long w1, long w2, long w3, int half, int column, int k, long x, long out, long apart) {
    int blocks = k / 32;
    int shift = half == 0 ? 16 : 0; // an int holds the scales of two columns, 16 apart
    long scales = column * 4L;
    long cells = scales + blocks * (64L + half * BLOCK);
    long p0 = w0 + cells;
    long p1 = w1 + cells;
    long p2 = w2 + cells;
    long p3 = w3 + cells;
    long b = x;
    IntVector none = IntVector.broadcast(I32, 0); // see Lanes
    IntVector top = IntVector.broadcast(I32, TOP);
    FloatVector scale = FloatVector.broadcast(F32, SCALE);
    FloatVector t0 = FloatVector.zero(F32);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int block = 0; block < blocks; block++) {
      FloatVector a0 = FloatVector.zero(F32);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      // Not a counted loop, for entering one costs 40 ns of range checks in C2's code.
      for (long end = p0 + BLOCK; p0 != end; p0 += HALF) {
        IntVector v0 = none.or(IntVector.fromMemorySegment(I32, ALL, p0, LE));
        IntVector v1 = none.or(IntVector.fromMemorySegment(I32, ALL, p1, LE));
        IntVector v2 = none.or(IntVector.fromMemorySegment(I32, ALL, p2, LE));
        IntVector v3 = none.or(IntVector.fromMemorySegment(I32, ALL, p3, LE));
        // Four times the same, which C2 unrolls: written out, it is more than it always inlines.
        for (int shift8 = 24; shift8 >= 0; shift8 -= 8) {
          FloatVector factor = FloatVector.broadcast(F32, ALL.get(FLOAT, b));
          a0 = factor.fma((FloatVector) v0.lanewise(LSHL, shift8).and(top).convert(I2F, 0), a0);
          a1 = factor.fma((FloatVector) v1.lanewise(LSHL, shift8).and(top).convert(I2F, 0), a1);
          a2 = factor.fma((FloatVector) v2.lanewise(LSHL, shift8).and(top).convert(I2F, 0), a2);
          a3 = factor.fma((FloatVector) v3.lanewise(LSHL, shift8).and(top).convert(I2F, 0), a3);
          b += 4;
        }
        p1 += HALF;
        p2 += HALF;
        p3 += HALF;
      }
      long at = scales + block * 64L;
      IntVector s0 = none.or(IntVector.fromMemorySegment(I32, ALL, w0 + at, LE));
      IntVector s1 = none.or(IntVector.fromMemorySegment(I32, ALL, w1 + at, LE));
      IntVector s2 = none.or(IntVector.fromMemorySegment(I32, ALL, w2 + at, LE));
      IntVector s3 = none.or(IntVector.fromMemorySegment(I32, ALL, w3 + at, LE));
      t0 = scale.mul(s0.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats()).fma(a0, t0);
      t1 = scale.mul(s1.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats()).fma(a1, t1);
      t2 = scale.mul(s2.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats()).fma(a2, t2);
      t3 = scale.mul(s3.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats()).fma(a3, t3);
    }
    Lanes.ZERO.add(t0).intoMemorySegment(ALL, out, LE);
    Lanes.ZERO.add(t1).intoMemorySegment(ALL, out + apart, LE);
    Lanes.ZERO.add(t2).intoMemorySegment(ALL, out + 2 * apart, LE);
    Lanes.ZERO.add(t3).intoMemorySegment(ALL, out + 3 * apart, LE);
  }
}
