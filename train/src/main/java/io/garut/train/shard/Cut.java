package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.train.optim.GradientNorm;

/**
 * How a weight is cut among ranks: in its row-major order, each rank the next whole runs of {@link GradientNorm#RUN} elements,
 * as many as the others; the last ranks may have fewer, or none. Small weights and vectors are not cut: every rank keeps them.
 *
 * @param elements of the weight
 * @param ranks how many share it
 */
record Cut(long elements, int ranks) {
  private static final long RUN = GradientNorm.RUN;

  /** Whether {@code weight} is cut among so many. */
  static boolean applies(Tensor weight, int ranks) {
    return weight.shape().rank() == 2 && weight.elements() >= ranks * RUN;
  }

  static Cut of(Tensor weight, int ranks) {
    return new Cut(weight.elements(), ranks);
  }

  private long runsOfRank() {
    return Math.ceilDiv(Math.ceilDiv(elements, RUN), ranks);
  }

  /** The first element of {@code rank}. */
  long from(int rank) {
    return Math.min(elements, rank * runsOfRank() * RUN);
  }

  /** The number of elements of {@code rank}. */
  long length(int rank) {
    return from(rank + 1) - from(rank);
  }

  /** The number of runs of {@code rank}. */
  int runs(int rank) {
    return Math.toIntExact(Math.ceilDiv(length(rank), RUN));
  }
}
