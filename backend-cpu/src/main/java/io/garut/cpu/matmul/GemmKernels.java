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
 * The innermost loops of matrix products: a few rows of packed activations times one panel of 32 columns.
 *
 * <p>C[rows, 32] = A · B, or += where {@code accumulate}; A is k-major in strips of {@link Blocking#MR} rows ({@code a} is the
 * first row's element at the first step), B k-major in a panel ({@code b}), and rows of C are {@code rowBytes} apart. All rows
 * and all 32 columns are written. Each sum begins at zero and takes one product after the other, whatever the number of rows.
 *
 * <p>Every accumulator is a named local, in a method of its own for every number of rows: in an array, or behind a helper
 * method, C2 keeps vectors in memory. Do not unroll the loops: a body larger than this one spills.
 */
final class GemmKernels {
  /** Bytes of one step of k in a strip. */
  static final long STRIP_STEP = MR * 4L;

  private GemmKernels() {}

  /** 1 row times a panel; see {@link GemmKernels}. */
  static void rows1(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
    for (int column = 0; column < NR / 2; column += LANES) {
      long p = b + column * 4L;
      FloatVector a00 = FloatVector.zero(F32);
      FloatVector a01 = a00;
      for (int i = 0; i < k; i++) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP, LE);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, p + i * STEP + HALF, LE);
        FloatVector x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP));
        a00 = x.fma(b0, a00);
        a01 = x.fma(b1, a01);
      }
      long y = c + column * 4L;
      if (accumulate) {
        a00 = FloatVector.fromMemorySegment(F32, ALL, y, LE).add(a00);
        a01 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE).add(a01);
      }
      a00.intoMemorySegment(ALL, y, LE);
      a01.intoMemorySegment(ALL, y + HALF, LE);
    }
  }

  /** 2 rows times a panel; see {@link GemmKernels}. */
  static void rows2(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
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
      if (accumulate) {
        a00 = FloatVector.fromMemorySegment(F32, ALL, y, LE).add(a00);
        a01 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE).add(a01);
        a10 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes, LE).add(a10);
        a11 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes + HALF, LE).add(a11);
      }
      a00.intoMemorySegment(ALL, y, LE);
      a01.intoMemorySegment(ALL, y + HALF, LE);
      a10.intoMemorySegment(ALL, y + rowBytes, LE);
      a11.intoMemorySegment(ALL, y + rowBytes + HALF, LE);
    }
  }

  /** 4 rows times a panel; see {@link GemmKernels}. */
  static void rows4(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
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
      if (accumulate) {
        a00 = FloatVector.fromMemorySegment(F32, ALL, y, LE).add(a00);
        a01 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE).add(a01);
        a10 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes, LE).add(a10);
        a11 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes + HALF, LE).add(a11);
        a20 = FloatVector.fromMemorySegment(F32, ALL, y + 2 * rowBytes, LE).add(a20);
        a21 = FloatVector.fromMemorySegment(F32, ALL, y + 2 * rowBytes + HALF, LE).add(a21);
        a30 = FloatVector.fromMemorySegment(F32, ALL, y + 3 * rowBytes, LE).add(a30);
        a31 = FloatVector.fromMemorySegment(F32, ALL, y + 3 * rowBytes + HALF, LE).add(a31);
      }
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

  /** 6 rows times a panel; see {@link GemmKernels}. */
  static void rows6(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
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
      if (accumulate) {
        a00 = FloatVector.fromMemorySegment(F32, ALL, y, LE).add(a00);
        a01 = FloatVector.fromMemorySegment(F32, ALL, y + HALF, LE).add(a01);
        a10 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes, LE).add(a10);
        a11 = FloatVector.fromMemorySegment(F32, ALL, y + rowBytes + HALF, LE).add(a11);
        a20 = FloatVector.fromMemorySegment(F32, ALL, y + 2 * rowBytes, LE).add(a20);
        a21 = FloatVector.fromMemorySegment(F32, ALL, y + 2 * rowBytes + HALF, LE).add(a21);
        a30 = FloatVector.fromMemorySegment(F32, ALL, y + 3 * rowBytes, LE).add(a30);
        a31 = FloatVector.fromMemorySegment(F32, ALL, y + 3 * rowBytes + HALF, LE).add(a31);
        a40 = FloatVector.fromMemorySegment(F32, ALL, y + 4 * rowBytes, LE).add(a40);
        a41 = FloatVector.fromMemorySegment(F32, ALL, y + 4 * rowBytes + HALF, LE).add(a41);
        a50 = FloatVector.fromMemorySegment(F32, ALL, y + 5 * rowBytes, LE).add(a50);
        a51 = FloatVector.fromMemorySegment(F32, ALL, y + 5 * rowBytes + HALF, LE).add(a51);
      }
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
