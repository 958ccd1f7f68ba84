package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.I16;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
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
 * One row, quantised by {@link Int8Rows}, times four panels of Q4_0, the same half of each at a time as in {@link MatVecQ8}.
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

  /** Bytes of the sums of a block: a vector for each panel. */
  private static final long SUMS = 4L * BYTES;

  /** Blocks of 32 steps at a time: 8 KB of sums, which stay in the first-level cache. */
  private static final int BLOCKS = 32;

  /** Bytes that {@link #quad} needs beside its arguments. */
  static final long SCRATCH = BLOCKS * SUMS;

  private MatVecQ4() {}

  /**
   * out[4][32], {@code apart} bytes from each other, = x[k] · the panels at {@code w0} to {@code w3}. In two
   * steps, for in one method they would be too much for C2.
   *
   * @param row the quantised row, alone in its group
   * @param scratch {@link #SCRATCH} bytes
   */
  static void quad(long w0, long w1, long w2, long w3, int k, Int8Rows row, long scratch, long out, long apart) {
    int blocks = k / 32;
    for (int panel = 0; panel < 4; panel++) {
      Lanes.clear(out + panel * apart, NR / LANES);
    }
    for (int half = 0; half < 2; half++) {
      for (int column = 0; column < NR / 2; column += LANES) {
        for (int from = 0; from < blocks; from += BLOCKS) {
          int length = Math.min(BLOCKS, blocks - from);
          long cells = column * 4L + blocks * (64L + half * BLOCK) + from * BLOCK;
          sums(w0 + cells, w1 + cells, w2 + cells, w3 + cells, length, row.coefficients(0) + from * 64L, scratch);
          long scales = column * 4L + from * 64L;
          scale(
              scratch,
              length,
              w0 + scales,
              w1 + scales,
              w2 + scales,
              w3 + scales,
              half == 0 ? 16 : 0, // an int holds the scales of two columns, 16 apart
              row.scales(0) + from * 4L,
              row.offsets(0) + from * 4L,
              out + half * HALF + column * 4L,
              apart);
        }
      }
    }
    for (int panel = 0; panel < 4; panel++) {
      Q4Kernels.finish(out + panel * apart, NR, out + panel * apart);
    }
  }

  /** Sums over each of {@code blocks} blocks as pairs of 16-bit halves that are yet to be added. */
  private static void sums(long w0, long w1, long w2, long w3, int blocks, long coefficients, long sums) {
    long p0 = w0;
    long p1 = w1;
    long p2 = w2;
    long p3 = w3;
    long c = coefficients;
    for (long y = sums; y != sums + blocks * SUMS; y += SUMS) {
      IntVector none = IntVector.broadcast(I32, 0); // see Lanes; in here, for in front it is made an object
      ShortVector noShorts = ShortVector.broadcast(I16, 0);
      ShortVector r0 = noShorts;
      ShortVector r1 = noShorts;
      ShortVector r2 = noShorts;
      ShortVector r3 = noShorts;
      for (long end = p0 + BLOCK; p0 != end; p0 += HALF) { // not a counted loop, see MatVecQ8
        IntVector v0 = none.or(IntVector.fromMemorySegment(I32, ALL, p0, LE));
        IntVector v1 = none.or(IntVector.fromMemorySegment(I32, ALL, p1, LE));
        IntVector v2 = none.or(IntVector.fromMemorySegment(I32, ALL, p2, LE));
        IntVector v3 = none.or(IntVector.fromMemorySegment(I32, ALL, p3, LE));
        ShortVector c0 = IntVector.broadcast(I32, ALL.get(INT, c)).reinterpretAsShorts();
        r0 = v0.reinterpretAsShorts().mul(c0).add(r0);
        r1 = v1.reinterpretAsShorts().mul(c0).add(r1);
        r2 = v2.reinterpretAsShorts().mul(c0).add(r2);
        r3 = v3.reinterpretAsShorts().mul(c0).add(r3);
        ShortVector c1 = IntVector.broadcast(I32, ALL.get(INT, c + 4)).reinterpretAsShorts();
        r0 = v0.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1).add(r0);
        r1 = v1.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1).add(r1);
        r2 = v2.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1).add(r2);
        r3 = v3.lanewise(LSHR, 4).reinterpretAsShorts().mul(c1).add(r3);
        ShortVector c2 = IntVector.broadcast(I32, ALL.get(INT, c + 8)).reinterpretAsShorts();
        r0 = v0.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2).add(r0);
        r1 = v1.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2).add(r1);
        r2 = v2.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2).add(r2);
        r3 = v3.lanewise(LSHR, 8).reinterpretAsShorts().mul(c2).add(r3);
        ShortVector c3 = IntVector.broadcast(I32, ALL.get(INT, c + 12)).reinterpretAsShorts();
        r0 = v0.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3).add(r0);
        r1 = v1.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3).add(r1);
        r2 = v2.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3).add(r2);
        r3 = v3.lanewise(LSHR, 12).reinterpretAsShorts().mul(c3).add(r3);
        p1 += HALF;
        p2 += HALF;
        p3 += HALF;
        c += 16;
      }
      none.or(noShorts.or(r0).reinterpretAsInts()).intoMemorySegment(ALL, y, LE);
      none.or(noShorts.or(r1).reinterpretAsInts()).intoMemorySegment(ALL, y + BYTES, LE);
      none.or(noShorts.or(r2).reinterpretAsInts()).intoMemorySegment(ALL, y + 2 * (long) BYTES, LE);
      none.or(noShorts.or(r3).reinterpretAsInts()).intoMemorySegment(ALL, y + 3 * (long) BYTES, LE);
    }
  }

  /** Adds the sums, scaled, to four vectors of results, block after block. */
  private static void scale(
      long sums,
      int blocks,
      long s0,
      long s1,
      long s2,
      long s3,
      int shift,
      long rowScales,
      long offsets,
      long out,
      long apart) {
    FloatVector t0 = FloatVector.fromMemorySegment(F32, ALL, out, LE);
    FloatVector t1 = FloatVector.fromMemorySegment(F32, ALL, out + apart, LE);
    FloatVector t2 = FloatVector.fromMemorySegment(F32, ALL, out + 2 * apart, LE);
    FloatVector t3 = FloatVector.fromMemorySegment(F32, ALL, out + 3 * apart, LE);
    for (int block = 0; block < blocks; block++) {
      FloatVector sx = FloatVector.broadcast(F32, ALL.get(FLOAT, rowScales + block * 4L));
      IntVector offset = IntVector.broadcast(I32, ALL.get(INT, offsets + block * 4L));
      long j = sums + block * SUMS;
      long s = block * 64L;
      IntVector j0 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j, LE));
      IntVector v0 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, s0 + s, LE));
      IntVector j1 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j + BYTES, LE));
      IntVector v1 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, s1 + s, LE));
      IntVector j2 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j + 2 * (long) BYTES, LE));
      IntVector v2 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, s2 + s, LE));
      IntVector j3 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, j + 3 * (long) BYTES, LE));
      IntVector v3 = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, s3 + s, LE));
      // Lower plus upper half in the upper one, its sign spread by the shift.
      t0 = sx.mul(v0.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
          .fma((FloatVector) offset.add(j0.lanewise(LSHL, 16)).add(j0).lanewise(ASHR, 16).convert(I2F, 0), t0);
      t1 = sx.mul(v1.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
          .fma((FloatVector) offset.add(j1.lanewise(LSHL, 16)).add(j1).lanewise(ASHR, 16).convert(I2F, 0), t1);
      t2 = sx.mul(v2.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
          .fma((FloatVector) offset.add(j2.lanewise(LSHL, 16)).add(j2).lanewise(ASHR, 16).convert(I2F, 0), t2);
      t3 = sx.mul(v3.lanewise(LSHL, shift).lanewise(ASHR, 3).and(KEEP).reinterpretAsFloats())
          .fma((FloatVector) offset.add(j3.lanewise(LSHL, 16)).add(j3).lanewise(ASHR, 16).convert(I2F, 0), t3);
    }
    Lanes.ZERO.add(t0).intoMemorySegment(ALL, out, LE);
    Lanes.ZERO.add(t1).intoMemorySegment(ALL, out + apart, LE);
    Lanes.ZERO.add(t2).intoMemorySegment(ALL, out + 2 * apart, LE);
    Lanes.ZERO.add(t3).intoMemorySegment(ALL, out + 3 * apart, LE);
  }
}
