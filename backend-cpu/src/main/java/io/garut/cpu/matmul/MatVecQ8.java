package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
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

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row times a panel of Q8_0.
 *
 * <p>Activations stay floats: that is more exact than quantising them, and as fast as memory delivers the weights. A byte is
 * converted where it ends up by a shift to the top of its cell, times 2²⁴; the scale takes that power back. Even and odd
 * steps of a block are summed apart, so that no sum waits for the one before.
 */
final class MatVecQ8 {
  /** Bytes of the cells of a block in half a panel. */
  private static final long BLOCK = 8 * HALF;

  private static final int TOP = 0xff000000;

  /** 2¹¹² because the scale's bits are those of an F16 (see {@link MatVecF16}), 2⁻²⁴ for the bytes. */
  private static final float SCALE = 0x1p88f;

  private MatVecQ8() {}

  /** out[32] = x[k] · the panel at {@code w}. */
  static void panel(long w, int k, float[] x, long out) {
    int blocks = k / 32;
    IntVector top = IntVector.broadcast(I32, TOP);
    for (int column = 0; column < NR / 2; column += LANES) {
      long scales = w + column * 4L; // an int holds the scales of two columns, 16 apart
      long p0 = scales + blocks * 64L;
      long p1 = p0 + blocks * BLOCK;
      int b = 0;
      FloatVector t0 = FloatVector.zero(F32);
      FloatVector t1 = t0;
      for (int block = 0; block < blocks; block++) {
        FloatVector even0 = FloatVector.zero(F32);
        FloatVector even1 = even0;
        FloatVector odd0 = even0;
        FloatVector odd1 = even0;
        // Not a counted loop, for entering one costs 40 ns of range checks in C2's code.
        for (long end = p0 + BLOCK; p0 != end; p0 += HALF) {
          IntVector v0 = IntVector.fromMemorySegment(I32, ALL, p0, LE);
          IntVector v1 = IntVector.fromMemorySegment(I32, ALL, p1, LE);
          FloatVector b0 = FloatVector.broadcast(F32, x[b]);
          even0 = ((FloatVector) v0.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, even0);
          even1 = ((FloatVector) v1.lanewise(LSHL, 24).convert(I2F, 0)).fma(b0, even1);
          FloatVector b1 = FloatVector.broadcast(F32, x[b + 1]);
          odd0 = ((FloatVector) v0.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, odd0);
          odd1 = ((FloatVector) v1.lanewise(LSHL, 16).and(top).convert(I2F, 0)).fma(b1, odd1);
          FloatVector b2 = FloatVector.broadcast(F32, x[b + 2]);
          even0 = ((FloatVector) v0.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, even0);
          even1 = ((FloatVector) v1.lanewise(LSHL, 8).and(top).convert(I2F, 0)).fma(b2, even1);
          FloatVector b3 = FloatVector.broadcast(F32, x[b + 3]);
          odd0 = ((FloatVector) v0.and(top).convert(I2F, 0)).fma(b3, odd0);
          odd1 = ((FloatVector) v1.and(top).convert(I2F, 0)).fma(b3, odd1);
          p1 += HALF;
          b += 4;
        }
        IntVector s = IntVector.fromMemorySegment(I32, ALL, scales + block * 64L, LE);
        t0 = s.lanewise(LSHL, 16).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(even0.add(odd0), t0);
        t1 = s.lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats().mul(SCALE).fma(even1.add(odd1), t1);
      }
      t0.intoMemorySegment(ALL, out + column * 4L, LE);
      t1.intoMemorySegment(ALL, out + column * 4L + HALF, LE);
    }
  }
}
