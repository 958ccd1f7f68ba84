package io.garut.train.data.batch;

import io.garut.train.data.Example;
import java.util.List;

/**
 * What one optimizer step learns.
 *
 * @param microBatches the examples that go through the model together, in the order in which gradients are added up;
 *     none is empty
 * @param position where this step stands
 * @param next where the step after it stands: what a checkpoint stores after this step
 */
public record Batch(List<List<Example>> microBatches, Position position, Position next) {
  /** Takes copies. */
  public Batch {
    microBatches = microBatches.stream().map(List::copyOf).toList();
  }

  /** The tokens of all examples. */
  public long tokens() {
    return microBatches.stream().flatMap(List::stream).mapToLong(Example::length).sum();
  }

  /** How many tokens are learnt: the mean loss of the step is over these. */
  public long learnt() {
    return microBatches.stream().flatMap(List::stream).mapToLong(Example::learnt).sum();
  }
}
