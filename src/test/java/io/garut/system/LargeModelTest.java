package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.StoragePool;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Ranks;
import io.garut.train.data.Example;
import io.garut.train.optim.Offload;
import io.garut.train.shard.DiskOffload;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Pythia;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * More model than memory: all 1.4 billion parameters learn, in F32 with AdamW, 22.6 GB without activations, of which stage 1
 * has half on the disk, and stage 3 all but the regions that compute.
 */
class LargeModelTest {
  private static final int STEPS = 3;
  private static final Example EXAMPLE = Example.of(IntStream.range(0, 256).map(t -> t * 97 % 50000).toArray());
  private static final TrainingOptions OPTIONS = TrainingOptions.adamW(1e-5).withRecompute(true);

  @TempDir private Path folder;

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"ONE, 15, 14", "THREE, 8, 26"}) // weights are made in memory, 5.7 GB
  void threeStepsOnOneMachine(ZeroStage stage, int memory, int disk) throws Exception {
    Assumptions.assumeTrue(available() >= (long) memory << 30, memory + " GiB of free memory are needed");
    Assumptions.assumeTrue(
        Files.getFileStore(folder).getUsableSpace() >= (long) disk << 30, disk + " GiB of disk are needed");
    StoragePool pool = Executor.current().backend().pool();
    List<Double> losses = new ArrayList<>();
    try (DiskOffload offload = new DiskOffload(folder, 0);
        AsyncCollective alone = new AsyncCollective(Ranks.threads(1).getFirst(), 2);
        GptNeoX model = GptNeoX.random(Pythia.B1_4.config(), DType.F32, 1);
        ShardedGroup group = group(alone, stage, model, offload);
        Trainer trainer = new Trainer(model, model.weights(), OPTIONS, group, offload)) {
      pool.forgetPeak();
      for (int i = 0; i < STEPS; i++) {
        StepReport report = trainer.step(List.of(List.of(EXAMPLE)));
        losses.add(report.loss());
        System.out.printf("stage %s, step %d: loss %.6f, %.1f s, %,d bytes of memory, %,d on the disk%n", stage, report.step(),
            report.loss(), report.seconds(), pool.peak(), offload.bytes());
      }
    }
    assertThat(losses.getLast()).as("the same tokens again").isLessThan(losses.getFirst());
  }

  private static ShardedGroup group(AsyncCollective alone, ZeroStage stage, GptNeoX model, Offload offload) {
    if (stage != ZeroStage.THREE) {
      return new ShardedGroup(alone, stage, model.weights(), offload);
    }
    GatheredWeights gathered = new GatheredWeights(alone, offload);
    model.weights().forEach(gathered::take);
    return new ShardedGroup(alone, gathered, model.weights());
  }

  private static long available() throws Exception {
    return status(Path.of("/proc/meminfo"), "MemAvailable:") << 10;
  }

  private static long status(Path file, String key) throws Exception {
    if (!Files.exists(file)) {
      return 0;
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
