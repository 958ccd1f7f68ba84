package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Simd;
import jdk.incubator.vector.FloatVector;

/** Short loops over floats that lie in the cache. */
final class Vectors {
  private Vectors() {}

  /** y[count] += x[count]. */
  static void add(long y, long x, int count) {
    int i = 0;
    for (; i <= count - Simd.LANES; i += Simd.LANES) {
      FloatVector.fromMemorySegment(F32, ALL, y + i * 4L, LE)
          .add(FloatVector.fromMemorySegment(F32, ALL, x + i * 4L, LE))
          .intoMemorySegment(ALL, y + i * 4L, LE);
    }
    for (; i < count; i++) {
      ALL.set(FLOAT, y + i * 4L, ALL.get(FLOAT, y + i * 4L) + ALL.get(FLOAT, x + i * 4L));
    }
  }

  /** Adds a tile of {@code rows} rows of 32 floats to rows that are {@code rowBytes} apart. */
  static void addTile(long to, long rowBytes, long tile, int rows) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < NR; column += Simd.LANES) {
        long at = to + row * rowBytes + column * 4L;
        FloatVector.fromMemorySegment(F32, ALL, at, LE)
            .add(FloatVector.fromMemorySegment(F32, ALL, tile + row * STEP + column * 4L, LE))
            .intoMemorySegment(ALL, at, LE);
      }
    }
  }
}
