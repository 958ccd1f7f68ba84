package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Simd;
import jdk.incubator.vector.FloatVector;

/** Adds a bias to results that lie in the cache. */
final class Bias {
  private Bias() {}

  /** y[count] += bias[count]. */
  static void add(long y, long bias, int count) {
    int i = 0;
    for (; i <= count - Simd.LANES; i += Simd.LANES) {
      FloatVector.fromMemorySegment(F32, ALL, y + i * 4L, LE)
          .add(FloatVector.fromMemorySegment(F32, ALL, bias + i * 4L, LE))
          .intoMemorySegment(ALL, y + i * 4L, LE);
    }
    for (; i < count; i++) {
      ALL.set(FLOAT, y + i * 4L, ALL.get(FLOAT, y + i * 4L) + ALL.get(FLOAT, bias + i * 4L));
    }
  }
}
