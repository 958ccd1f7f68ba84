package io.garut.cli.training;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Optimization;
import io.garut.train.optim.Optimizer;
import io.garut.train.optim.Owned;
import io.garut.train.shard.DiskOffload;
import java.util.List;
import java.util.Optional;

/** Where the memory of a run's optimizer lies, until it is closed. */
record Memories(Optional<DiskOffload> disk) implements AutoCloseable {
  private static final int MOST_TENSORS = 3; // of a part: master and two states

  /** As {@code options} say, for what this rank updates. */
  static Memories of(RunOptions options, StepGroup group, Optimizer optimizer) throws CheckpointException {
    if (options.offload == RunOptions.Place.NONE) {
      return new Memories(Optional.empty());
    }
    List<Tensor> parts = group.owned().stream().map(Owned::part).toList();
    long bytes = Optimization.bytes(optimizer, parts);
    return new Memories(Optional.of(new DiskOffload(options.out, bytes, MOST_TENSORS * parts.size())));
  }

  Offload offload() {
    return disk.isPresent() ? disk.get() : Offload.NONE;
  }

  @Override
  public void close() {
    disk.ifPresent(DiskOffload::close);
  }
}
