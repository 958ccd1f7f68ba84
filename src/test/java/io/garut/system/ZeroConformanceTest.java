package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.Tensor;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The training trajectories of the conformance pack in every stage of ZeRO: PyTorch's, and one rank's to the bit. */
class ZeroConformanceTest {
  private static final ExecutorService THREADS = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource({
    "base, 1, 1", "base, 2, 2", "base, 4, 4", "base, 2, 4", "bf16-safetensors, 2, 2", "dolly-like-bf16-sharded-bin, 4, 4",
    "pythia-like-fp16-bin, 2, 4", "sequential-residual, 4, 4", "tied-no-bias-gelu-new, 2, 2", "tied-no-bias-gelu-new, 4, 4"
  })
  void trajectory(String name, int size, int microBatches) throws Exception {
    Trajectory trajectory = Trajectory.of(name);
    Map<String, float[]> alone;
    try (GptNeoX model = trajectory.model();
        Trainer trainer = new Trainer(model, model.weights(), trajectory.options())) {
      trajectory.run(trainer, microBatches);
      alone = weights(model);
    }
    for (ZeroStage stage : ZeroStage.values()) {
      List<Future<Map<String, float[]>>> ranks = new ArrayList<>();
      for (Collective rank : Ranks.threads(size)) {
        ranks.add(THREADS.submit(() -> rank(trajectory, new AsyncCollective(rank, 8), stage, microBatches)));
      }
      for (Future<Map<String, float[]>> rank : ranks) {
        Map<String, float[]> weights = rank.get();
        alone.forEach((weight, values) -> assertThat(weights.get(weight)).as("%s: %s", stage, weight).isEqualTo(values));
      }
    }
  }

  private static Map<String, float[]> rank(Trajectory trajectory, AsyncCollective rank, ZeroStage stage, int microBatches)
      throws IOException {
    try (rank;
        GptNeoX model = trajectory.model();
        ShardedGroup group = group(rank, stage, model);
        Trainer trainer = new Trainer(model, model.weights(), trajectory.options(), group)) {
      trajectory.run(trainer, microBatches);
      try (StepGroup.Whole _ = group.whole()) {
        trajectory.check(model);
        return weights(model);
      }
    }
  }

  private static ShardedGroup group(AsyncCollective rank, ZeroStage stage, GptNeoX model) {
    if (stage != ZeroStage.THREE) {
      return new ShardedGroup(rank, stage, model.weights());
    }
    GatheredWeights gathered = new GatheredWeights(rank);
    model.weights().forEach(gathered::take);
    return new ShardedGroup(rank, gathered, model.weights());
  }

  private static Map<String, float[]> weights(GptNeoX model) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (Tensor weight : model.weights()) {
      weights.put(weight.name(), weight.toFloatArray());
    }
    return weights;
  }
}
