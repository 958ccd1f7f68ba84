package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.LANES;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import java.lang.foreign.MemorySegment;

/** A function of every F32 element at absolute addresses. */
@FunctionalInterface
public interface FloatMap {
  /** Elements that {@link #vectors} takes at most. */
  int BLOCK = 1024;

  /**
   * Whole vectors only, a block at most.
   *
   * @param from may equal {@code to}
   * @param count a multiple of {@link Simd#LANES}, up to {@link #BLOCK}
   * @param scratch room for {@link #BLOCK} elements
   */
  void vectors(long from, long to, int count, long scratch);

  /**
   * Any number of elements. The last few are computed by the same loop in a buffer, so that an element's value does not
   * depend on where it stands.
   *
   * @param pool whose scratch buffer {@link ScratchSlot#ROWS} is used
   */
  default void apply(WorkerPool pool, long from, long to, int count) {
    long scratch = pool.scratch(ScratchSlot.ROWS, 4L * (BLOCK + LANES));
    long buffer = scratch + 4L * BLOCK;
    int whole = count / LANES * LANES;
    for (int i = 0; i < whole; i += BLOCK) {
      vectors(from + 4L * i, to + 4L * i, Math.min(BLOCK, whole - i), scratch);
    }
    if (whole < count) {
      long rest = 4L * (count - whole);
      Lanes.clear(buffer, 1);
      MemorySegment.copy(ALL, from + 4L * whole, ALL, buffer, rest);
      vectors(buffer, buffer, LANES, scratch);
      MemorySegment.copy(ALL, buffer, ALL, to + 4L * whole, rest);
    }
  }
}
