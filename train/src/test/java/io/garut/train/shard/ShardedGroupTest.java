package io.garut.train.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.train.StepGroup;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.data.Example;
import io.garut.train.optim.LossScale;
import io.garut.train.optim.Offload;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks as threads end with the bits of one rank that took the same micro-batches. */
class ShardedGroupTest {
  private static final int STEPS = 3;
  private static final ExecutorService THREADS = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  /** Matrices of 4 to 12 runs of elements, so that 2 and 4 ranks, and 3, all cut them; the last cut is uneven. */
  private static NeoXConfig config(boolean tied) {
    RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
    return new NeoXConfig(101, 64, 2, 4, 160, Activation.GELU, rotary, 64, 1e-5, true, true, tied, 0, 0);
  }

  private static List<List<Example>> step(int number, int microBatches) {
    RandomGenerator random = new SplittableRandom(number);
    List<List<Example>> all = new ArrayList<>();
    for (int i = 0; i < microBatches; i++) {
      all.add(List.of(
          Example.after(2, random.ints(7 + i, 0, 101).toArray()), Example.after(1, random.ints(9, 0, 101).toArray())));
    }
    return all;
  }

  private record End(List<StepReport> reports, Map<String, float[]> weights) {}

  private static TrainingOptions options(DType dtype, boolean recompute) {
    TrainingOptions options = TrainingOptions.adamW(0.01).withMaxGradientNorm(0.5).withRecompute(recompute);
    return dtype == DType.F16 ? options.withLossScale(LossScale.dynamic()) : options;
  }

  private static End alone(boolean tied, DType dtype, int microBatches, boolean recompute) {
    try (GptNeoX model = GptNeoX.random(config(tied), dtype, 7);
        Trainer trainer = new Trainer(model, model.weights(), options(dtype, recompute))) {
      return run(model, trainer, microBatches);
    }
  }

  private static End run(GptNeoX model, Trainer trainer, int microBatches) {
    List<StepReport> reports = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      reports.add(trainer.step(step(i, microBatches)));
    }
    return new End(reports, weights(model));
  }

  private static Map<String, float[]> weights(GptNeoX model) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    model.weights().forEach(weight -> weights.put(weight.name(), weight.toFloatArray()));
    return weights;
  }

  private static End ofRank(
      AsyncCollective rank, ZeroStage stage, boolean tied, DType dtype, int microBatches, boolean recompute, Offload offload) {
    try (rank;
        GptNeoX model = GptNeoX.random(config(tied), dtype, 7);
        ShardedGroup group = group(rank, stage, model, offload);
        Trainer trainer = new Trainer(model, model.weights(), options(dtype, recompute), group, offload)) {
      List<StepReport> reports = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        reports.add(trainer.step(step(i, microBatches)));
      }
      try (StepGroup.Whole _ = group.whole()) {
        return new End(reports, weights(model));
      }
    }
  }

  private static List<End> together(int size, ZeroStage stage, boolean tied, DType dtype, int micro, boolean recompute)
      throws InterruptedException, ExecutionException {
    return together(size, stage, tied, dtype, micro, recompute, Offload.NONE);
  }

  private static List<End> together(
      int size, ZeroStage stage, boolean tied, DType dtype, int micro, boolean recompute, Offload offload)
      throws InterruptedException, ExecutionException {
    List<Future<End>> all = new ArrayList<>();
    for (Collective rank : Ranks.threads(size, Duration.ofSeconds(30))) {
      all.add(THREADS.submit(() -> ofRank(new AsyncCollective(rank, 8), stage, tied, dtype, micro, recompute, offload)));
    }
    List<End> ends = new ArrayList<>();
    for (Future<End> each : all) {
      ends.add(each.get());
    }
    return ends;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, false, 1", "2, 2, false, 2", "2, 4, true, 2", "4, 4, false, 4", "4, 8, true, 4", "2, 3, false, 2", "4, 6, false, 4",
    "4, 2, true, 4"
  })
  void everyStageEndsWithTheBitsOfOneRank(int size, int microBatches, boolean tied, int seed) throws Exception {
    End alone = alone(tied, DType.F32, microBatches, false);
    for (ZeroStage stage : ZeroStage.values()) {
      for (End end : together(size, stage, tied, DType.F32, microBatches, seed == 4)) {
        assertSame(stage, alone, end);
      }
    }
  }

  static ShardedGroup group(AsyncCollective rank, ZeroStage stage, GptNeoX model, Offload offload) {
    if (stage != ZeroStage.THREE) {
      return new ShardedGroup(rank, stage, model.weights(), offload);
    }
    GatheredWeights gathered = new GatheredWeights(rank, offload);
    model.weights().forEach(gathered::take);
    return new ShardedGroup(rank, gathered, model.weights());
  }

  private static void assertSame(ZeroStage stage, End alone, End end) {
    for (int i = 0; i < STEPS; i++) {
      assertThat(end.reports.get(i).loss()).as("%s: loss of step %d", stage, i).isEqualTo(alone.reports.get(i).loss());
      assertThat(end.reports.get(i).gradientNorm()).as("%s: norm", stage).isEqualTo(alone.reports.get(i).gradientNorm());
    }
    alone.weights.forEach((name, values) -> assertThat(end.weights.get(name)).as("%s: %s", stage, name).isEqualTo(values));
  }

  /** What a stage shares out may lie on a disk, of one rank too. */
  @ParameterizedTest
  @CsvSource({"1, F32", "1, BF16", "2, F32", "2, BF16"})
  void theDiskHoldsTheSameBits(int size, DType dtype, @TempDir Path folder) throws Exception {
    End alone = alone(true, dtype, 4, true);
    for (ZeroStage stage : ZeroStage.values()) {
      try (DiskOffload offload = new DiskOffload(folder, 0)) {
        together(size, stage, true, dtype, 4, true, offload).forEach(end -> assertSame(stage, alone, end));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16", "F16"})
  void mastersOfHalfWeightsAreSharedOutToo(DType dtype) throws Exception {
    End alone = alone(false, dtype, 4, true);
    for (ZeroStage stage : ZeroStage.values()) {
      together(2, stage, false, dtype, 4, true).forEach(end -> assertSame(stage, alone, end));
    }
  }

  /** Three ranks make another tree of sums: equal within rounding. */
  @Test
  void threeRanksAreClose() throws Exception {
    End alone = alone(false, DType.F32, 6, false);
    for (ZeroStage stage : ZeroStage.values()) {
      for (End end : together(3, stage, false, DType.F32, 6, false)) {
        double loss = alone.reports.getLast().loss();
        assertThat(end.reports.getLast().loss()).isCloseTo(loss, within(loss * 1e-5));
      }
    }
  }

  /** A weight outside its region is nowhere, and says so. */
  @Test
  void stageThreeHasNoWeightOutsideItsRegion() throws Exception {
    Collective rank = Ranks.threads(1).getFirst();
    try (rank; GptNeoX model = GptNeoX.random(config(false), DType.F32, 7)) {
      Tensor weight = model.weights().get(5);
      weight.relocate(new Absent());
      assertThatThrownBy(weight::toFloatArray)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("only inside its region");
    }
  }
}
