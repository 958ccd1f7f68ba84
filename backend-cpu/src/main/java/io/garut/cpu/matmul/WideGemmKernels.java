package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.HALF;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.cpu.matmul.GemmKernels.STRIP_STEP;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link GemmKernels} for machines with 32 vector registers: 12 rows by 2 vectors take 24 of them as
 * accumulators, which is the fastest shape on AVX-512 (taller and wider ones were measured 10 to 15 % slower).
 */
final class WideGemmKernels {
  private WideGemmKernels() {}

  /** 8 rows times a panel; see {@link GemmKernels}. */
  static void rows8(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
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
      FloatVector a60 = a00;
      FloatVector a61 = a00;
      FloatVector a70 = a00;
      FloatVector a71 = a00;
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
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 24));
        a60 = x.fma(b0, a60);
        a61 = x.fma(b1, a61);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 28));
        a70 = x.fma(b0, a70);
        a71 = x.fma(b1, a71);
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
        a60 = FloatVector.fromMemorySegment(F32, ALL, y + 6 * rowBytes, LE).add(a60);
        a61 = FloatVector.fromMemorySegment(F32, ALL, y + 6 * rowBytes + HALF, LE).add(a61);
        a70 = FloatVector.fromMemorySegment(F32, ALL, y + 7 * rowBytes, LE).add(a70);
        a71 = FloatVector.fromMemorySegment(F32, ALL, y + 7 * rowBytes + HALF, LE).add(a71);
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
      a60.intoMemorySegment(ALL, y + 6 * rowBytes, LE);
      a61.intoMemorySegment(ALL, y + 6 * rowBytes + HALF, LE);
      a70.intoMemorySegment(ALL, y + 7 * rowBytes, LE);
      a71.intoMemorySegment(ALL, y + 7 * rowBytes + HALF, LE);
    }
  }

  /** 12 rows times a panel; see {@link GemmKernels}. */
  static void rows12(long a, long b, int k, long c, long rowBytes, boolean accumulate) {
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
      FloatVector a60 = a00;
      FloatVector a61 = a00;
      FloatVector a70 = a00;
      FloatVector a71 = a00;
      FloatVector a80 = a00;
      FloatVector a81 = a00;
      FloatVector a90 = a00;
      FloatVector a91 = a00;
      FloatVector aa0 = a00;
      FloatVector aa1 = a00;
      FloatVector ab0 = a00;
      FloatVector ab1 = a00;
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
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 24));
        a60 = x.fma(b0, a60);
        a61 = x.fma(b1, a61);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 28));
        a70 = x.fma(b0, a70);
        a71 = x.fma(b1, a71);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 32));
        a80 = x.fma(b0, a80);
        a81 = x.fma(b1, a81);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 36));
        a90 = x.fma(b0, a90);
        a91 = x.fma(b1, a91);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 40));
        aa0 = x.fma(b0, aa0);
        aa1 = x.fma(b1, aa1);
        x = FloatVector.broadcast(F32, ALL.get(FLOAT, a + i * STRIP_STEP + 44));
        ab0 = x.fma(b0, ab0);
        ab1 = x.fma(b1, ab1);
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
        a60 = FloatVector.fromMemorySegment(F32, ALL, y + 6 * rowBytes, LE).add(a60);
        a61 = FloatVector.fromMemorySegment(F32, ALL, y + 6 * rowBytes + HALF, LE).add(a61);
        a70 = FloatVector.fromMemorySegment(F32, ALL, y + 7 * rowBytes, LE).add(a70);
        a71 = FloatVector.fromMemorySegment(F32, ALL, y + 7 * rowBytes + HALF, LE).add(a71);
        a80 = FloatVector.fromMemorySegment(F32, ALL, y + 8 * rowBytes, LE).add(a80);
        a81 = FloatVector.fromMemorySegment(F32, ALL, y + 8 * rowBytes + HALF, LE).add(a81);
        a90 = FloatVector.fromMemorySegment(F32, ALL, y + 9 * rowBytes, LE).add(a90);
        a91 = FloatVector.fromMemorySegment(F32, ALL, y + 9 * rowBytes + HALF, LE).add(a91);
        aa0 = FloatVector.fromMemorySegment(F32, ALL, y + 10 * rowBytes, LE).add(aa0);
        aa1 = FloatVector.fromMemorySegment(F32, ALL, y + 10 * rowBytes + HALF, LE).add(aa1);
        ab0 = FloatVector.fromMemorySegment(F32, ALL, y + 11 * rowBytes, LE).add(ab0);
        ab1 = FloatVector.fromMemorySegment(F32, ALL, y + 11 * rowBytes + HALF, LE).add(ab1);
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
      a60.intoMemorySegment(ALL, y + 6 * rowBytes, LE);
      a61.intoMemorySegment(ALL, y + 6 * rowBytes + HALF, LE);
      a70.intoMemorySegment(ALL, y + 7 * rowBytes, LE);
      a71.intoMemorySegment(ALL, y + 7 * rowBytes + HALF, LE);
      a80.intoMemorySegment(ALL, y + 8 * rowBytes, LE);
      a81.intoMemorySegment(ALL, y + 8 * rowBytes + HALF, LE);
      a90.intoMemorySegment(ALL, y + 9 * rowBytes, LE);
      a91.intoMemorySegment(ALL, y + 9 * rowBytes + HALF, LE);
      aa0.intoMemorySegment(ALL, y + 10 * rowBytes, LE);
      aa1.intoMemorySegment(ALL, y + 10 * rowBytes + HALF, LE);
      ab0.intoMemorySegment(ALL, y + 11 * rowBytes, LE);
      ab1.intoMemorySegment(ALL, y + 11 * rowBytes + HALF, LE);
    }
  }
}
