package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.MR;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of matrix products: C[rows, 32] = A · B for a few rows of packed activations and one panel of 32
 * columns.
 *
 * <p>A is k-major in strips of {@link Blocking#MR} rows ({@code a} is the first row's element at the first step), B k-major
 * in a panel ({@code b}), and rows of C are {@code rowBytes} apart. All rows and all 32 columns are written. Each sum begins at
 * zero and takes one product after the other, whatever the number of rows.
 *
 * <p>Every accumulator is a named local, in a method of its own for every number of rows: in an array, or behind a helper
 * method, C2 keeps vectors in memory. Six rows are what C2 can take in at once: beyond 18,000 nodes it puts off inlining, and
 * then one launch in three ended with vectors that are objects, at a tenth of the speed, for 2 % that more rows gain.
 */
final class GemmKernels {
  /** Bytes of one step of k in a strip. */
  static final long STRIP_STEP = MR * 4L;

  private GemmKernels() {}

  /** Two rows. */
  static void rows2(long a, long b, int k, long c, long rowBytes) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = b + column * 4L;
      FloatVector a00 = FloatVector.zero(F32);
      FloatVector a01 = a00;
      FloatVector a10 = a00;
      FloatVector a11 = a00;
      for (int i = 0; i < k; i++) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP, LE);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP + HALF, LE);
        FloatVector x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP));
        a00 = x.fma(b0, a00);
        a01 = x.fma(b1, a01);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 4));
        a10 = x.fma(b0, a10);
        a11 = x.fma(b1, a11);
      }
      long y = c + column * 4L;
      a00.intoMemorySegment(ALL, y, LE);
      a01.intoMemorySegment(ALL, y + HALF, LE);
      a10.intoMemorySegment(ALL, y + rowBytes, LE);
      a11.intoMemorySegment(ALL, y + rowBytes + HALF, LE);
    }
  }

  /** Four rows. */
  static void rows4(long a, long b, int k, long c, long rowBytes) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = b + column * 4L;
      FloatVector a00 = FloatVector.zero(F32);
      FloatVector a01 = a00;
      FloatVector a10 = a00;
      FloatVector a11 = a00;
      FloatVector a20 = a00;
      FloatVector a21 = a00;
      FloatVector a30 = a00;
      FloatVector a31 = a00;
      for (int i = 0; i < k; i++) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP, LE);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP + HALF, LE);
        FloatVector x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP));
        a00 = x.fma(b0, a00);
        a01 = x.fma(b1, a01);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 4));
        a10 = x.fma(b0, a10);
        a11 = x.fma(b1, a11);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 8));
        a20 = x.fma(b0, a20);
        a21 = x.fma(b1, a21);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 12));
        a30 = x.fma(b0, a30);
        a31 = x.fma(b1, a31);
      }
      long y = c + column * 4L;
      a00.intoMemorySegment(ALL, y, LE);
      a01.intoMemorySegment(ALL, y + HALF, LE);
      a10.intoMemorySegment(ALL, y + rowBytes, LE);
      a11.intoMemorySegment(ALL, y + rowBytes + HALF, LE);
      a20.intoMemorySegment(ALL, y + 2 * rowBytes, LE);
      a21.intoMemorySegment(ALL, y + 2 * rowBytes + HALF, LE);
      a30.intoMemorySegment(ALL, y + 3 * rowBytes, LE);
      a31.intoMemorySegment(ALL, y + 3 * rowBytes + HALF, LE);
    }
  }

  /** Six rows. */
  static void rows6(long a, long b, int k, long c, long rowBytes) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = b + column * 4L;
      FloatVector a00 = FloatVector.zero(F32);
      FloatVector a01 = a00;
      FloatVector a10 = a00;
      FloatVector a11 = a00;
      FloatVector a20 = a00;
      FloatVector a21 = a00;
      FloatVector a30 = a00;
      FloatVector a31 = a00;
      FloatVector a40 = a00;
      FloatVector a41 = a00;
      FloatVector a50 = a00;
      FloatVector a51 = a00;
      for (int i = 0; i < k; i++) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP, LE);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP + HALF, LE);
        FloatVector x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP));
        a00 = x.fma(b0, a00);
        a01 = x.fma(b1, a01);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 4));
        a10 = x.fma(b0, a10);
        a11 = x.fma(b1, a11);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 8));
        a20 = x.fma(b0, a20);
        a21 = x.fma(b1, a21);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 12));
        a30 = x.fma(b0, a30);
        a31 = x.fma(b1, a31);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 16));
        a40 = x.fma(b0, a40);
        a41 = x.fma(b1, a41);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 20));
        a50 = x.fma(b0, a50);
        a51 = x.fma(b1, a51);
      }
      long y = c + column * 4L;
      a00.intoMemorySegment(ALL, y, LE);
      a01.intoMemorySegment(ALL, y + HALF, LE);
      a10.intoMemorySegment(ALL, y + rowBytes, LE);
      a11.intoMemorySegment(ALL, y + rowBytes + HALF, LE);
      a20.intoMemorySegment(ALL, y + 2 * rowBytes, LE);
      a21.intoMemorySegment(ALL, y + 2 * rowBytes + HALF, LE);
      a30.intoMemorySegment(ALL, y + 3 * rowBytes, LE);
      a31.intoMemorySegment(ALL, y + 3 * rowBytes + HALF, LE);
      a40.intoMemorySegment(ALL, y + 4 * rowBytes, LE);
      a41.intoMemorySegment(ALL, y + 4 * rowBytes + HALF, LE);
      a50.intoMemorySegment(ALL, y + 5 * rowBytes, LE);
      a51.intoMemorySegment(ALL, y + 5 * rowBytes + HALF, LE);
    }
  }
}
