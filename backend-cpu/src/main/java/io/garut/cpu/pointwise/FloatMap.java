package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.LANES;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;

/** A function of every F32 element at absolute addresses. */
@FunctionalInterface
public interface FloatMap {
  /**
   * Whole vectors only.
   *
   * @param from may equal {@code to}
   * @param count a multiple of {@link Simd#LANES}
   */
  void vectors(long from, long to, int count);

  /**
   * Any number of elements. The last few are computed by the same loop in a buffer, so that an element's value does
   * not depend on where it stands.
   *
   * @param pool whose scratch buffer {@link ScratchSlot#ROWS} is used
   */
  default void apply(WorkerPool pool, long from, long to, int count) {
    int whole = count / LANES * LANES;
    vectors(from, to, whole);
    int rest = count - whole;
    if (rest > 0) {
      long buffer = pool.scratch(ScratchSlot.ROWS, Simd.BYTES);
      for (int i = 0; i < LANES; i++) {
        ALL.set(Simd.FLOAT, buffer + 4L * i, i < rest ? ALL.get(Simd.FLOAT, from + 4L * (whole + i)) : 0);
      }
      vectors(buffer, buffer, LANES);
      for (int i = 0; i < rest; i++) {
        ALL.set(Simd.FLOAT, to + 4L * (whole + i), ALL.get(Simd.FLOAT, buffer + 4L * i));
      }
    }
  }
}
