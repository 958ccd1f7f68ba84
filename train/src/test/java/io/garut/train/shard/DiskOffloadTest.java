package io.garut.train.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Optimization;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiskOffloadTest {
  private static final NeoXConfig CONFIG = new NeoXConfig(
      101, 64, 2, 4, 160, Activation.GELU, new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled()), 64, 1e-5, true, true,
      false, 0, 0);

  @TempDir private Path folder;

  private static List<float[]> train(DType dtype, Offload offload) {
    TrainingOptions options = TrainingOptions.adamW(0.01);
    try (GptNeoX model = GptNeoX.random(CONFIG, dtype, 7);
        Trainer trainer = new Trainer(model, model.weights(), options, StepGroup.alone(model.weights()), offload)) {
      for (int i = 0; i < 3; i++) {
        int step = i;
        trainer.step(List.of(List.of(Example.of(IntStream.range(0, 12).map(t -> (7 * step + t * t) % 101).toArray()))));
      }
      List<float[]> bits = new ArrayList<>();
      model.weights().forEach(weight -> bits.add(weight.toFloatArray()));
      trainer.optimization().state().values().forEach(state -> bits.add(state.toFloatArray()));
      return bits;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void endsWithTheSameBitsAndLeavesNothingBehind(DType dtype) throws IOException {
    List<float[]> inMemory = train(dtype, Offload.NONE);
    long bytes;
    try (GptNeoX model = GptNeoX.random(CONFIG, dtype, 7)) {
      bytes = Optimization.bytes(TrainingOptions.adamW(0.01).optimizer(), model.weights());
    }
    try (DiskOffload offload = new DiskOffload(folder, bytes)) {
      List<float[]> onDisk = train(dtype, offload);
      assertThat(onDisk).hasSameSizeAs(inMemory);
      for (int i = 0; i < onDisk.size(); i++) {
        assertThat(onDisk.get(i)).as("tensor %d", i).isEqualTo(inMemory.get(i));
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).as("files, even while it goes on").isEmpty();
      }
    }
  }

  @Test
  void aDiskWithoutRoomSaysSoInTheBeginning() {
    assertThatThrownBy(() -> new DiskOffload(folder, 1L << 60))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("are free")
        .hasMessageContaining("choose another disk");
    assertThatThrownBy(() -> new DiskOffload(folder.resolve("none"), 1)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void growsAndUsesAgainWhatWasLetGo() throws CheckpointException {
    try (DiskOffload offload = new DiskOffload(folder, 0);
        Tensor kept = Tensor.rand(Shape.of(1 << 10), 1).keep()) {
      float[] before = kept.toFloatArray();
      offload.move(kept);
      for (int i = 0; i < 100; i++) { // 1.6 GB, if nothing were used again
        HostStorage storage = offload.allocate(Spec.of(DType.I32, Shape.of(1 << 22)));
        storage.segment().fill((byte) i);
        storage.release();
      }
      assertThat(offload.bytes()).isLessThan(1L << 25);
      offload.expect(List.of(kept));
      offload.done(List.of(kept));
      assertThat(kept.toFloatArray()).isEqualTo(before);
    }
  }
}
