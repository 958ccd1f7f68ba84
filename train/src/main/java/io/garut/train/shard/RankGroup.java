package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.train.StepGroup;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.optim.Offload;
import java.util.List;
import java.util.Optional;

/**
 * A rank of a run, before and after the model is there.
 *
 * {@snippet :
 * RankGroup ranks = RankGroup.of(collective, stage);
 * try (GptNeoX model = GptNeoX.trainable(path, DType.F32, ranks::take);
 *     StepGroup group = ranks.group(model.weights());
 *     Trainer trainer = new Trainer(model, model.weights(), options, group)) {
 * }
 * }
 */
public final class RankGroup {
  private final Optional<AsyncCollective> ranks;
  private final ZeroStage stage;
  private final Offload offload;
  private final Optional<GatheredWeights> gathered;

  private RankGroup(Optional<AsyncCollective> ranks, ZeroStage stage, Offload offload) {
    this.ranks = ranks;
    this.stage = stage;
    this.offload = offload;
    gathered = stage == ZeroStage.THREE ? ranks.map(some -> new GatheredWeights(some, offload)) : Optional.empty();
  }

  /** One rank without others, its optimizer's memory where {@code offload}, which the caller closes, has it. */
  public static RankGroup alone(Offload offload) {
    return new RankGroup(Optional.empty(), ZeroStage.ZERO, offload);
  }

  /** One of {@code ranks}, which share out what {@code stage} says; they are closed by the caller. */
  public static RankGroup of(AsyncCollective ranks, ZeroStage stage) {
    return of(ranks, stage, Offload.NONE);
  }

  /** The same with this rank's share, and its optimizer's memory, where {@code offload}, which the caller closes, has them. */
  public static RankGroup of(AsyncCollective ranks, ZeroStage stage, Offload offload) {
    return new RankGroup(Optional.of(ranks), stage, offload);
  }

  /** Puts a weight where the stage has it; to be called for each before the next one is read. */
  public void take(Tensor weight) {
    gathered.ifPresent(some -> some.take(weight));
  }

  /** What a trainer of {@code parameters} sees of the group; closed by the caller. */
  public StepGroup group(List<Tensor> parameters) {
    if (ranks.isEmpty()) {
      return StepGroup.alone(parameters);
    }
    return gathered.isPresent()
        ? new ShardedGroup(ranks.get(), gathered.get(), parameters)
        : new ShardedGroup(ranks.get(), stage, parameters, offload);
  }

  /** Where a trainer's optimizer has its memory. */
  public Offload offload() {
    return offload;
  }

  /** What the ranks share out. */
  public ZeroStage stage() {
    return stage;
  }

  /** How many they are. */
  public int size() {
    return ranks.map(AsyncCollective::size).orElse(1);
  }

  /** Whether this one writes down what happens. */
  public boolean isFirst() {
    return ranks.isEmpty() || ranks.get().rank() == 0;
  }
}
