package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.train.StepGroup;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.train.optim.Optimization;
import io.garut.train.shard.DiskOffload;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Pythia;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More model than memory: all 1.4 billion parameters learn, in F32 with AdamW, 22.6 GB without activations. */
class LargeModelTest {
  private static final long MEMORY = 16L << 30; // weights and gradients, 11.3 GB, and room
  private static final long DISK = 14L << 30; // states, 11.3 GB

  @TempDir private Path folder;

  @Test
  @Tag("slow")
  void threeStepsWithTheOptimizerOnDisk() throws Exception {
    Assumptions.assumeTrue(available() >= MEMORY, "a 1.4b shape takes 16 GiB of memory, with the optimizer on disk");
    Assumptions.assumeTrue(Files.getFileStore(folder).getUsableSpace() >= DISK, "a 1.4b shape takes 14 GiB of disk");
    long began = System.nanoTime();
    try (GptNeoX model = GptNeoX.random(Pythia.B1_4.config(), DType.F32, 1)) {
      TrainingOptions options = TrainingOptions.adamW(1e-5).withRecompute(true);
      long bytes = Optimization.bytes(options.optimizer(), model.weights());
      try (DiskOffload offload = new DiskOffload(folder, bytes, 2 * model.weights().size());
          Trainer trainer = new Trainer(model, model.weights(), options, StepGroup.alone(model.weights()), offload)) {
        System.out.printf("%,d parameters, %,d bytes on disk: ready in %.0f s%n", model.config().parameters(), bytes,
            (System.nanoTime() - began) * 1e-9);
        List<Double> losses = new ArrayList<>();
        Example example = Example.of(IntStream.range(0, 256).map(t -> t * 97 % 50000).toArray());
        for (int i = 0; i < 3; i++) {
          StepReport report = trainer.step(List.of(List.of(example)));
          losses.add(report.loss());
          System.out.printf("step %d: loss %.4f, %.1f s, at most %,d kB resident%n", report.step(), report.loss(),
              report.seconds(), peak());
        }
        assertThat(losses.getLast()).as("the same tokens again").isLessThan(losses.getFirst());
      }
    }
  }

  private static long available() throws Exception {
    return status(Path.of("/proc/meminfo"), "MemAvailable:") << 10;
  }

  private static long peak() throws Exception {
    return status(Path.of("/proc/self/status"), "VmHWM:");
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
