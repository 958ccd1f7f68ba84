package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.io.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSettingsTest {
  @TempDir private Path folder;

  @Test
  void settingsComeBack() throws IOException {
    RunSettings settings =
        RunSettings.empty()
            .with("learning_rate", 5e-6)
            .with("epochs", 2)
            .with("seed", 1L << 40)
            .with("lora", false)
            .with("betas", List.of(0.9, 0.999))
            .withEnvironment();
    settings.write(folder.resolve("config.json"));
    RunSettings read = RunSettings.read(folder.resolve("config.json"));
    assertThat(read).isEqualTo(settings);
    assertThat(read.values().keySet()).containsExactlyElementsOf(settings.values().keySet());
    assertThat(read.get("learning_rate")).contains(5e-6);
    assertThat(read.get("java_version")).contains(System.getProperty("java.version"));
  }

  @Test
  void whatJsonWouldChangeIsRefused() {
    RunSettings settings = RunSettings.empty();
    assertThatThrownBy(() -> settings.with("rate", Double.NaN)).hasMessageContaining("'rate'");
    assertThatThrownBy(() -> settings.with("rate", 1f)).hasMessageContaining("'rate'");
    assertThatThrownBy(() -> settings.with("rate", Map.of())).hasMessageContaining("'rate'");
    assertThatThrownBy(() -> settings.with("rate", null)).hasMessageContaining("'rate'");
  }

  @Test
  void aFileThatChangedIsNamed() throws IOException {
    Path data = Files.writeString(folder.resolve("records.jsonl"), "{\"a\": 1}\n");
    RunSettings settings = RunSettings.empty().with("seed", 42).withFile("train_file", data);
    assertThat(settings.get("train_file_bytes")).contains(9L);
    settings.write(folder.resolve("config.json"));
    RunSettings read = RunSettings.read(folder.resolve("config.json"));
    read.requireSameFiles();
    Files.writeString(data, "{\"a\": 2}\n");
    assertThatThrownBy(read::requireSameFiles)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("records.jsonl: train_file: has changed since the run began");
    Files.delete(data);
    assertThatThrownBy(read::requireSameFiles).hasMessageContaining("cannot be read");
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path file = folder.resolve("config.json");
    assertThatThrownBy(() -> RunSettings.read(file)).hasMessageContaining("config.json");
    Files.writeString(file, "{\"a\":");
    assertThatThrownBy(() -> RunSettings.read(file)).hasMessageContaining("is no JSON");
    Files.writeString(file, "[]");
    assertThatThrownBy(() -> RunSettings.read(file)).hasMessageContaining("is not a JSON object");
  }

  @Test
  void differencesAreFoundOnBothSides() throws IOException {
    RunSettings settings = RunSettings.empty().with("seed", 42).with("rate", 0.5).with("keep", 3);
    assertThat(settings.difference(settings.with("seed", 42L).withEnvironment())).isEmpty();
    assertThat(settings.difference(settings.with("rate", 0.25))).hasValue("rate 0.25, not 0.5");
    assertThat(settings.difference(settings.with("rank", 8))).hasValue("rank 8, not none");
    assertThat(settings.with("rank", 8).difference(settings)).hasValue("no rank, not 8");
    assertThat(settings.with("keep", 4).with("ranks", 8).difference(settings)).isEmpty();
    assertThat(RunSettings.empty().with("seed", 42).differenceOfOwn(settings)).isEmpty();
    assertThat(RunSettings.empty().with("seed", 7).differenceOfOwn(settings)).hasValue("seed 42, not 7");

    Path data = Files.writeString(folder.resolve("data.txt"), "sheep");
    RunSettings placed = settings.with("data", data.toAbsolutePath().normalize().toString());
    assertThat(settings.withFile("data", data).withoutChecksums()).isEqualTo(placed);
  }
}
