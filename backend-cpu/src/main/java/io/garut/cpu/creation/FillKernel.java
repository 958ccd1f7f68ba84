package io.garut.cpu.creation;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;

/** F32 elements that depend on nothing but their index; a unit is an element. */
final class FillKernel extends RangeKernel {
  /** The value at an index. */
  @FunctionalInterface
  interface Value {
    float at(long index);
  }

  private final long to;
  private final Value value;

  FillKernel(WorkerPool pool, long to, long count, long cost, Value value) {
    super(pool, count, cost);
    this.to = to;
    this.value = value;
  }

  @Override
  protected void range(long from, long end) {
    for (long i = from; i < end; i++) {
      ALL.set(Simd.FLOAT, to + 4 * i, value.at(i));
    }
  }
}
