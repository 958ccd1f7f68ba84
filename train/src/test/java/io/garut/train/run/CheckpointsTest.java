package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.train.optim.Adafactor;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.Optimizer;
import io.garut.train.optim.Sgd;
import io.garut.train.run.CheckpointSearch.PassedOver;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.lora.LoraAdapter;
import io.garut.transformer.lora.LoraConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
  @TempDir private Path folder;

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(DType.F32, AdamW.standard()),
        Arguments.of(DType.BF16, AdamW.standard()),
        Arguments.of(DType.F16, new Sgd(0.9, false, 0)),
        Arguments.of(DType.F32, Adafactor.standard()));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aRunGoesOnBitForBit(DType dtype, Optimizer optimizer) throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 2);
        SmallRun whole = new SmallRun(dtype, optimizer, 1);
        SmallRun resumed = new SmallRun(dtype, optimizer, 2)) {
      whole.steps(4);
      StoredCheckpoint saved = checkpoints.save(whole.snapshot());
      CheckpointSearch search = checkpoints.latestGood();
      assertThat(search.found()).contains(saved);
      assertThat(search.passedOver()).isEmpty();

      SavedState state = resumed.restore(saved);

      assertThat(resumed.bits()).containsExactlyElementsOf(whole.bits());
      assertThat(resumed.trainer.optimization().updates()).isEqualTo(whole.trainer.optimization().updates());
      assertThat(state.position("next")).isEqualTo(12_000_000_000L);
      assertThat(state.settings()).containsEntry("learning_rate", 1e-2).containsEntry("files", List.of("a.jsonl"));
      assertThatThrownBy(() -> state.position("shard")).hasMessageContaining("'shard'");
      whole.steps(3);
      resumed.steps(3);
      assertThat(resumed.bits()).containsExactlyElementsOf(whole.bits());
    }
  }

  @Test
  void aCheckpointIsAModel() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 2);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      run.steps(1);
      StoredCheckpoint saved = checkpoints.save(run.snapshot());
      try (GptNeoX model = GptNeoX.open(saved.folder())) {
        assertThat(model.config()).isEqualTo(run.model.config());
      }
    }
  }

  enum Harm {
    CUT,
    GROWN,
    FLIPPED,
    EMPTIED,
    REMOVED;

    void to(Path file) throws IOException {
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        switch (this) {
          case CUT -> open.setLength(open.length() - 1);
          case GROWN -> open.setLength(open.length() + 1);
          case FLIPPED -> {
            open.seek(open.length() / 2);
            int old = open.read();
            open.seek(open.length() / 2);
            open.write(old ^ 4);
          }
          case EMPTIED -> open.setLength(0);
          case REMOVED -> {}
        }
      }
      if (this == REMOVED) {
        Files.delete(file);
      }
    }
  }

  @Test
  void whateverFileIsHarmedTheCheckpointBeforeIsFound() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 3);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      run.steps(1);
      StoredCheckpoint good = checkpoints.save(run.snapshot());
      run.steps(1);
      List<String> files =
          List.of("config.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json", "checksums.json");
      StoredCheckpoint bad = checkpoints.save(run.snapshot());
      assertThat(names(bad.folder())).containsExactlyInAnyOrderElementsOf(files);
      for (String file : files) {
        byte[] whole = Files.readAllBytes(bad.folder().resolve(file));
        for (Harm harm : Harm.values()) {
          Files.write(bad.folder().resolve(file), whole);
          assertThat(checkpoints.latestGood().found()).contains(bad);
          harm.to(bad.folder().resolve(file));
          CheckpointSearch search = checkpoints.latestGood();
          assertThat(search.found()).as("%s %s", harm, file).contains(good);
          assertThat(search.passedOver()).extracting(PassedOver::folder).containsExactly(bad.folder());
          assertThat(search.passedOver().getFirst().why()).contains(file);
        }
        Files.write(bad.folder().resolve(file), whole);
      }
      Harm.EMPTIED.to(bad.folder().resolve("model.safetensors"));
      assertThat(checkpoints.latestGood().found()).contains(good);
      checkpoints.save(run.snapshot());
      assertThat(checkpoints.latestGood().found()).contains(bad); // of the same name, and whole again
    }
  }

  @Test
  void ofOldOnesTheGoodCount() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 2);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      for (int i = 0; i < 4; i++) {
        run.steps(1);
        checkpoints.save(run.snapshot());
      }
      assertThat(steps()).containsExactly(3L, 4L);
      Harm.CUT.to(folder.resolve("checkpoint-4/model.safetensors"));
      StoredCheckpoint found = checkpoints.latestGood().found().orElseThrow();
      assertThat(found.step()).isEqualTo(3);
      run.steps(1);
      checkpoints.save(run.snapshot());
      assertThat(steps()).containsExactly(3L, 4L, 5L); // what it went on from stays beside the damaged one
      run.steps(1);
      checkpoints.save(run.snapshot());
      assertThat(steps()).containsExactly(5L, 6L);
    }
  }

  @Test
  void newerOnesOfAnotherCourseAreLeftAlone() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 1);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      Files.createDirectories(folder.resolve("checkpoint-100"));
      for (int i = 0; i < 2; i++) {
        run.steps(1);
        checkpoints.save(run.snapshot());
      }
      assertThat(steps()).containsExactly(2L, 100L);
      CheckpointSearch search = checkpoints.latestGood();
      assertThat(search.found().orElseThrow().step()).isEqualTo(2);
      assertThat(search.passedOver().getFirst().why()).contains("checksums.json is missing");
    }
  }

  @Test
  void aFailureLeavesWhatWasThere() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 1);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      run.steps(1);
      StoredCheckpoint good = checkpoints.save(run.snapshot());
      run.steps(1);
      assertThatThrownBy(() -> checkpoints.save(run.snapshot(part(10, new IOException("No space left on device")))))
          .isInstanceOf(CheckpointWriteException.class)
          .hasMessageContaining("checkpoint-2")
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("earlier checkpoints are as they were");
      assertThatThrownBy(() -> checkpoints.save(run.snapshot(part(Long.MAX_VALUE / 2, null))))
          .isInstanceOf(CheckpointWriteException.class)
          .hasMessageContaining("are free on its disk");
      assertThat(names(folder)).containsExactlyInAnyOrder(".lock", "checkpoint-1");
      assertThat(checkpoints.latestGood().found()).contains(good);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"optimizer.safetensors", "trainer_state.json", "checksums.json"})
  void aFailureLaterOnLeavesWhatWasThereToo(String obstacle) throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 1);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      run.steps(1);
      StoredCheckpoint good = checkpoints.save(run.snapshot());
      run.steps(1);
      ModelPart part = new ModelPart() {
        @Override
        public long bytes() {
          return 1;
        }

        @Override
        public void writeInto(Path folder) throws IOException {
          Files.createDirectories(folder.resolve(obstacle).resolve("inside"));
        }
      };
      assertThatThrownBy(() -> checkpoints.save(run.snapshot(part))).isInstanceOf(CheckpointWriteException.class);
      assertThat(names(folder)).containsExactlyInAnyOrder(".lock", "checkpoint-1");
      run.trainer.optimization().close(); // a mistake of the caller, not of the disk
      assertThatThrownBy(() -> checkpoints.save(run.snapshot())).isInstanceOf(IllegalStateException.class);
      assertThat(names(folder)).containsExactlyInAnyOrder(".lock", "checkpoint-1");
      assertThat(checkpoints.latestGood().found()).contains(good);
    }
  }

  @Test
  void whatMustBeOnTheDiskBeforeComesFirst() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 1);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      checkpoints.beforeSaving(
          () -> {
            throw new CheckpointWriteException(folder, "the disk is full", "make room");
          });
      assertThatThrownBy(() -> checkpoints.save(run.snapshot())).hasMessageContaining("the disk is full");
      assertThat(names(folder)).containsExactly(".lock");
    }
  }

  @Test
  void anAdapterGoesOnBitForBit() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 2);
        AdapterRun whole = new AdapterRun(1);
        AdapterRun resumed = new AdapterRun(2)) {
      whole.run.steps(3);
      ModelPart part = ModelPart.of(whole.adapter, "sheep-1m");
      StoredCheckpoint saved =
          checkpoints.save(Snapshot.withParameters(part, whole.run.trainer, Map.of("next", 3), Map.of()));
      assertThat(names(saved.folder())).contains("adapter_model.safetensors", "adapter_config.json");
      assertThat(names(folder)).containsExactlyInAnyOrder(".lock", "checkpoint-3");
      assertThat(checkpoints.latestGood().found()).contains(saved);
      assertThat(saved.restoreAdapter(resumed.run.trainer).position("next")).isEqualTo(3);
      whole.run.steps(2);
      resumed.run.steps(2);
      assertThat(resumed.run.bits()).containsExactlyElementsOf(whole.run.bits());
    }
  }

  /** An adapter of its own seed, on a base that is always the same. */
  private static final class AdapterRun implements AutoCloseable {
    final LoraAdapter adapter;
    final SmallRun run;

    AdapterRun(long seed) {
      GptNeoX model = SmallRun.model(DType.F32, 1);
      adapter = LoraAdapter.fresh(model, new LoraConfig(2, 4, LoraConfig.TARGETS, false), seed);
      run = new SmallRun(model, adapter.parameters(), AdamW.standard());
    }

    @Override
    public void close() {
      run.close();
    }
  }

  private static ModelPart part(long bytes, IOException failure) {
    return new ModelPart() {
      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public void writeInto(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), "half");
        throw failure;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"part", "old", "part.fedcba9876543210.part", "part.fedcba9876543210.old"})
  void whatAKilledSaveLeftIsNoCheckpointAndIsRemoved(String suffix) throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 5);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1)) {
      run.steps(1);
      StoredCheckpoint saved = checkpoints.save(run.snapshot());
      Path left = folder.resolve((suffix.length() > 4 ? "..checkpoint-9" : ".checkpoint-9") + ".0123456789abcdef." + suffix);
      Files.move(saved.folder(), left);
      Files.createDirectory(folder.resolve("checkpoint-notes"));
      assertThat(checkpoints.latestGood()).isEqualTo(new CheckpointSearch(Optional.empty(), List.of()));
      checkpoints.save(run.snapshot());
      assertThat(names(folder)).containsExactlyInAnyOrder(".lock", "checkpoint-1", "checkpoint-notes");
    }
  }

  @Test
  void otherTensorsAreRefusedBeforeAnyIsOverwritten() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 5);
        SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1);
        SmallRun momentum = new SmallRun(DType.F32, new Sgd(0.9, false, 0), 2);
        SmallRun half = new SmallRun(DType.BF16, AdamW.standard(), 3)) {
      run.steps(1);
      StoredCheckpoint saved = checkpoints.save(run.snapshot());
      List<byte[]> before = momentum.bits();
      assertThatThrownBy(() -> momentum.restore(saved))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("optimizer.safetensors")
          .hasMessageContaining("is in the checkpoint, and this run has none");
      assertThat(momentum.bits()).containsExactlyElementsOf(before);
      assertThatThrownBy(() -> half.restore(saved))
          .hasMessageContaining("gpt_neox.embed_in.weight")
          .hasMessageContaining("is F32 [53, 24], in this run BF16 [53, 24]");
    }
  }

  @Test
  void aSecondRunInTheSameFolderIsRefused() throws IOException {
    try (Checkpoints checkpoints = Checkpoints.open(folder, 5)) {
      assertThat(checkpoints.latestGood().found()).isEmpty();
      assertThatThrownBy(() -> Checkpoints.open(folder, 5))
          .isInstanceOf(CheckpointWriteException.class)
          .hasMessageContaining("belongs to a run that is going on (process " + ProcessHandle.current().pid() + ")");
    }
    Checkpoints.open(folder, 5).close();
  }

  @Test
  void aFolderThatCannotBeMadeIsOneError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> Checkpoints.open(file.resolve("run"), 5))
        .isInstanceOf(CheckpointWriteException.class)
        .hasMessageContaining("choose a folder that can be written to");
    assertThatThrownBy(() -> Checkpoints.open(folder, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private List<Long> steps() throws IOException {
    return Checkpoints.list(folder).stream().map(StoredCheckpoint::step).toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
