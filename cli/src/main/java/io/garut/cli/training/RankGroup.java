package io.garut.cli.training;

import io.garut.tensor.Tensor;
import io.garut.train.StepGroup;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import java.util.List;
import java.util.Optional;

/** This process among those of its run, before and after the model is there. */
final class RankGroup implements AutoCloseable {
  private final Optional<RankProcesses> processes;
  private final ZeroStage stage;
  private final Optional<GatheredWeights> gathered;

  /** One process alone. */
  RankGroup() {
    processes = Optional.empty();
    stage = ZeroStage.ZERO;
    gathered = Optional.empty();
  }

  /** One of several, which share out what {@code stage} says. */
  RankGroup(RankProcesses processes, ZeroStage stage) {
    this.processes = Optional.of(processes);
    this.stage = stage;
    gathered = stage == ZeroStage.THREE ? Optional.of(new GatheredWeights(processes.collective())) : Optional.empty();
  }

  /** Puts a weight where the stage has it; to be called for each before the next one is read. */
  void place(Tensor weight) {
    gathered.ifPresent(some -> some.take(weight));
  }

  /** What a trainer of {@code parameters} sees of the group, which the caller closes. */
  StepGroup group(List<Tensor> parameters) {
    if (processes.isEmpty()) {
      return StepGroup.alone(parameters);
    }
    AsyncCollective ranks = processes.get().collective();
    return gathered.isPresent()
        ? new ShardedGroup(ranks, gathered.get(), parameters)
        : new ShardedGroup(ranks, stage, parameters);
  }

  /** Whether this process writes down what happens. */
  boolean isFirst() {
    return processes.isEmpty() || processes.get().collective().rank() == 0;
  }

  ZeroStage stage() {
    return stage;
  }

  int size() {
    return processes.map(some -> some.collective().size()).orElse(1);
  }

  @Override
  public void close() {
    processes.ifPresent(RankProcesses::close);
  }
}
