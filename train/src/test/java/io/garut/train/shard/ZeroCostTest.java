package io.garut.train.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.Executor;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.data.Example;
import io.garut.train.optim.Offload;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a step sends, and what a rank holds, beside the formulas of the ZeRO paper (in F32 throughout). */
class ZeroCostTest {
  private static NeoXConfig config(int layers) {
    RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
    return new NeoXConfig(512, 256, layers, 4, 1024, Activation.GELU, rotary, 64, 1e-5, true, true, false, 0, 0);
  }

  private static final ExecutorService THREADS = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  /** A block: what is gathered at once. */
  private static final double REGION = 4.0 * (4 * 256 * 256 + 2 * 256 * 1024);

  private record Cost(long sent, long peak) {}

  private static Cost rank(Collective end, ZeroStage stage, int layers, int rounds) {
    try (Backend backend = Backends.create("cpu");
        AsyncCollective ranks = new AsyncCollective(end, 8)) {
      return Executor.with(backend, () -> rank(backend, ranks, stage, layers, rounds));
    }
  }

  private static Cost rank(Backend backend, AsyncCollective ranks, ZeroStage stage, int layers, int rounds) {
    try (GptNeoX model = GptNeoX.random(config(layers), DType.F32, 7);
        ShardedGroup group = ShardedGroupTest.group(ranks, stage, model, Offload.NONE);
        Trainer trainer = new Trainer(model, model.weights(), TrainingOptions.adamW(1e-3), group)) {
      List<List<Example>> micro = new ArrayList<>();
      for (int i = 0; i < rounds * ranks.size(); i++) {
        micro.add(List.of(Example.of(new int[] {i, 3, 5})));
      }
      trainer.step(micro); // learns in which order regions come
      long before = ranks.traffic().total().sent();
      backend.pool().forgetPeak();
      trainer.step(micro);
      return new Cost(ranks.traffic().total().sent() - before, backend.pool().peak());
    }
  }

  /** Pythia-410m and 1.4b have 24 blocks; what is under way is a larger part of a model that has few. */
  @ParameterizedTest
  @CsvSource({"2, 24, 1, 1", "2, 24, 2, 1", "4, 24, 2, 1", "2, 6, 1, 2", "4, 6, 2, 2"})
  void sendsAndHoldsWhatTheFormulasSay(int size, int layers, int rounds, int mostRegions) throws Exception {
    double parameters = config(layers).parameters();
    for (ZeroStage stage : ZeroStage.values()) {
      List<Future<Cost>> all = new ArrayList<>();
      for (Collective end : Ranks.threads(size)) {
        all.add(THREADS.submit(() -> rank(end, stage, layers, rounds)));
      }
      double elements = switch (stage) {
        case ZERO, ONE -> 2 * parameters;
        case TWO -> (rounds + 1) * parameters;
        case THREE -> 3 * rounds * parameters;
      };
      double bytes = switch (stage) {
        case ZERO -> 16 * parameters;
        case ONE -> 8 * parameters + 8 * parameters / size;
        case TWO -> 4 * parameters + 12 * parameters / size;
        case THREE -> 16 * parameters / size;
      };
      if (rounds > 1) { // of a tree over rounds two sums are held at a time
        bytes += stage.includes(ZeroStage.TWO) ? 4 * parameters / size : 4 * parameters;
      }
      for (Future<Cost> each : all) {
        Cost cost = each.get();
        double sent = 4 * elements * (size - 1) / size;
        assertThat((double) cost.sent).as("%s of %d: bytes sent", stage, size).isCloseTo(sent, withinPercentage(2.0));
        double regions = stage == ZeroStage.THREE ? mostRegions : 1;
        assertThat((double) cost.peak).as("%s of %d: peak memory", stage, size).isLessThan(1.1 * bytes + regions * REGION);
      }
    }
  }
}
