package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.data.Example;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.convert.ModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints of ranks go on at any number of ranks and in any stage, to the bits of a run without a break. */
class SharedCheckpointTest {
  private static final ExecutorService THREADS = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());
  private static final NeoXConfig CONFIG = new NeoXConfig(
      101, 64, 2, 4, 160, Activation.GELU, new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled()), 64, 1e-5, true, true,
      false, 0, 0);

  /** Stands for a disk on which the second rank cannot write. */
  private static final ModelPart IN_THE_WAY = new ModelPart() {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void writeInto(Path folder) throws IOException {
      Files.createDirectory(folder.resolve("optimizer-00002-of-00002.safetensors"));
    }
  };

  @TempDir private Path folder;

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  /** One rank: model, group, trainer. */
  record Rank(GptNeoX model, StepGroup group, Trainer trainer, DType dtype) implements AutoCloseable {
    static Rank of(AsyncCollective ranks, ZeroStage stage, DType dtype) {
      GptNeoX model = GptNeoX.random(CONFIG, dtype, 7);
      StepGroup group;
      if (stage == ZeroStage.THREE) {
        GatheredWeights gathered = new GatheredWeights(ranks);
        model.weights().forEach(gathered::take);
        group = new ShardedGroup(ranks, gathered, model.weights());
      } else {
        group = new ShardedGroup(ranks, stage, model.weights());
      }
      return new Rank(model, group, new Trainer(model, model.weights(), TrainingOptions.adamW(0.01), group), dtype);
    }

    void steps(int count) {
      for (int i = 0; i < count; i++) {
        int step = (int) trainer.state().step();
        List<List<Example>> micro = new ArrayList<>();
        for (int m = 0; m < 4; m++) {
          int first = 13 * step + m;
          micro.add(List.of(Example.of(IntStream.range(0, 9).map(t -> (first + t * t) % 101).toArray())));
        }
        trainer.step(micro);
      }
    }

    Snapshot snapshot() {
      return ModelPart.of(ModelWriter.of(model)).snapshot(trainer, Map.of("next", 5), Map.of());
    }

    Map<String, float[]> weights() {
      Map<String, float[]> weights = new LinkedHashMap<>();
      try (StepGroup.Whole _ = group.whole()) {
        model.weights().forEach(weight -> weights.put(weight.name(), weight.toFloatArray()));
      }
      return weights;
    }

    @Override
    public void close() {
      trainer.close();
      group.close();
      model.close();
    }
  }

  private interface Body<T> {
    T run(Rank rank) throws IOException;
  }

  private static <T> List<T> together(int size, ZeroStage stage, DType dtype, Body<T> body) throws Exception {
    List<Future<T>> all = new ArrayList<>();
    for (Collective ranks : Ranks.threads(size)) {
      all.add(
          THREADS.submit(
              () -> {
                try (AsyncCollective stream = new AsyncCollective(ranks, 8);
                    Rank rank = Rank.of(stream, stage, dtype)) {
                  return body.run(rank);
                }
              }));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> each : all) {
      results.add(each.get());
    }
    return results;
  }

  /** The run in {@code folder}, begun if there is none, for this rank. */
  static RunRecord record(Path folder, StepGroup group) throws CheckpointException {
    if (group.rank() > 0) {
      return new FollowedRun(folder);
    }
    boolean there = Files.exists(folder.resolve("config.json"));
    return there ? RunFolder.resume(folder, 3) : RunFolder.create(folder, RunSettings.empty(), 3);
  }

  private StoredCheckpoint save(Rank rank) throws CheckpointException {
    try (RunRecord record = record(folder, rank.group)) {
      return record.save(rank.snapshot());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, THREE, F32, 4, ONE", "4, ONE, F32, 1, ZERO", "1, ZERO, F32, 2, THREE", "2, TWO, BF16, 2, THREE",
    "4, THREE, BF16, 1, ZERO", "3, THREE, F32, 3, TWO"
  })
  void goesOnElsewhere(int size, ZeroStage stage, DType dtype, int then, ZeroStage thenStage) throws Exception {
    List<Map<String, float[]>> whole = together(then, thenStage, dtype, rank -> {
      rank.steps(2);
      return rank.weights();
    });
    StoredCheckpoint saved = together(size, stage, dtype, rank -> {
      rank.steps(1);
      return save(rank);
    }).getFirst();
    assertThat(saved.isShared()).isEqualTo(size > 1);
    assertThat(Checksums.problem(saved.folder())).isEmpty();
    List<Map<String, float[]>> resumed = together(then, thenStage, dtype, rank -> {
      assertThat(saved.restoreParts(rank.trainer).position("next")).isEqualTo(5);
      rank.steps(1);
      return rank.weights();
    });
    if (size != 3) { // three ranks sum in another tree: only they end with their own bits
      for (Map<String, float[]> each : resumed) {
        whole.getFirst().forEach((name, values) -> assertThat(each.get(name)).as(name).isEqualTo(values));
      }
    }
    float[] first = resumed.getFirst().get("embed_out.weight");
    resumed.forEach(each -> assertThat(each.get("embed_out.weight")).isEqualTo(first));
  }

  /** What one rank cannot write, none has written; the checkpoint before it stays. */
  @Test
  void aDiskThatFailsOnOneRankFailsAllAndLosesNothing() throws Exception {
    StoredCheckpoint good = together(2, ZeroStage.TWO, DType.F32, rank -> {
      rank.steps(1);
      return save(rank);
    }).getFirst();
    List<Optional<String>> messages = together(2, ZeroStage.TWO, DType.F32, rank -> {
      good.restoreParts(rank.trainer);
      rank.steps(1);
      try (RunRecord record = record(folder, rank.group)) {
        Snapshot snapshot = rank.snapshot();
        record.save(new Snapshot(IN_THE_WAY, snapshot.optimizer(), snapshot.state(), rank.group));
        return Optional.empty();
      } catch (CheckpointException e) {
        return Optional.of(e.getMessage());
      }
    });
    String why = "optimizer-00002-of-00002.safetensors: writing:";
    assertThat(messages).allSatisfy(message -> assertThat(message.orElseThrow()).contains(why));
    assertThat(Checksums.problem(good.folder())).isEmpty();
    assertThat(Checkpoints.list(folder)).containsExactly(good);
  }

  @Test
  void aPartThatIsMissingIsNamed() throws Exception {
    StoredCheckpoint saved = together(2, ZeroStage.THREE, DType.F32, rank -> {
      rank.steps(1);
      return save(rank);
    }).getFirst();
    Path last = saved.folder().resolve("optimizer-00002-of-00002.safetensors");
    Files.move(last, folder.resolve("away"), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> together(1, ZeroStage.ZERO, DType.F32, rank -> saved.restoreParts(rank.trainer)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("elements in the checkpoint");
  }
}
