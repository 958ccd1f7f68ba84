package io.garut.tensor.spi;

import io.garut.tensor.op.Spec;

/**
 * Where the results of a recording lie. What a scope frees serves later results: a replay runs in the same order. Closed with
 * the plan, and not before, for its kernels write to the same places again.
 */
public interface PlanMemory extends AutoCloseable {
  /** A place for the elements of a tensor {@code spec}. */
  Storage allocate(Spec spec);

  @Override
  void close();
}
