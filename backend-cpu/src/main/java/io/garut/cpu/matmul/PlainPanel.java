package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.FloatVector;

/** Part of a panel packed from a plain matrix of F32. */
final class PlainPanel {
  private PlainPanel() {}

  /**
   * Writes [steps][32] floats: {@code columns} columns of a matrix, zeros in those that are missing.
   *
   * @param columnStride bytes from one column to the next
   * @param stepStride bytes from one step of k to the next
   */
  static void pack(long from, long columnStride, long stepStride, int columns, int steps, long to) {
    if (columns < NR) {
      ALL.asSlice(to, steps * STEP).fill((byte) 0);
    }
    if (columnStride == 4 && columns == NR) {
      copy(from, stepStride, steps, to);
      return;
    }
    if (stepStride == 4) {
      Transpose.run(from, columnStride, columns, steps, to, STEP);
    } else {
      Transpose.single(from, columnStride, stepStride, columns, 0, steps, to, STEP);
    }
  }

  private static void copy(long from, long stepStride, int steps, long to) {
    for (int i = 0; i < steps; i++) {
      for (int column = 0; column < NR; column += LANES) {
        FloatVector.fromMemorySegment(F32, ALL, from + i * stepStride + column * 4L, LE)
            .intoMemorySegment(ALL, to + i * STEP + column * 4L, LE);
      }
    }
  }
}
