package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepReport;
import io.garut.train.optim.AdamW;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {
  private static final RunSettings SETTINGS = RunSettings.empty().with("learning_rate", 1e-2);

  @TempDir private Path folder;

  /** Steps up to {@code last}; every second is evaluated, every fourth saved. */
  private static void train(SmallRun run, RunFolder files, int last) throws IOException {
    if (run.trainer.state().step() == 0) {
      files.evaluation(new Evaluation(0, Double.NaN, List.of(new Sample("Who?", "sheep?"))));
    }
    while (run.trainer.state().step() < last) {
      run.steps(1);
      long step = run.trainer.state().step();
      Optional<String> skipped = step == 3 ? Optional.of("w") : Optional.empty();
      double loss = step == 3 ? Double.NaN : 1.0 / step;
      files.step(new StepReport(step, loss, 0.1 + step, 1e-2 / 3, 11, 10, 0.25, skipped));
      if (step % 2 == 0) {
        List<Sample> samples = List.of(new Sample("Who?", "sheep " + step), new Sample("Why?", "<" + step + ">"));
        files.evaluation(new Evaluation(step, 2.0 / step, samples));
      }
      if (step % 4 == 0) {
        files.checkpoints().save(run.snapshot());
      }
    }
  }

  /** Goes back and forth by an hour, and is years behind. */
  private static InstantSource jumping() {
    AtomicLong calls = new AtomicLong();
    return () -> Instant.ofEpochSecond(1_000_000_000 + (calls.incrementAndGet() % 2 == 0 ? 3600 : 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void afterAKillAllFilesBecomeThoseOfAnUninterruptedRun(boolean jumps) throws IOException {
    InstantSource clock = jumps ? jumping() : InstantSource.system();
    Path whole = folder.resolve("whole/run");
    Path killed = folder.resolve("killed/run");
    try (SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1);
        RunFolder files = RunFolder.create(whole, SETTINGS, 5)) {
      train(run, files, 10);
    }
    try (SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 1);
        RunFolder files = RunFolder.create(killed, SETTINGS, 5)) {
      train(run, files, 7);
    }
    Files.writeString(killed.resolve("metrics.jsonl"), "{\"step\":8,\"lo", StandardOpenOption.APPEND);
    try (SmallRun run = new SmallRun(DType.F32, AdamW.standard(), 2);
        RunFolder files = RunFolder.resume(killed, 5, clock)) {
      assertThat(files.settings()).isEqualTo(SETTINGS);
      StoredCheckpoint checkpoint = files.checkpoints().latestGood().found().orElseThrow();
      assertThat(checkpoint.step()).isEqualTo(4);
      SavedState state = run.restore(checkpoint);
      assertThat(files.rewind(state.trainer().step())).isEmpty();
      assertThat(EventReader.lines(killed)).hasSize(2 + 2 + 4 * 4 + 2 * 3);
      train(run, files, 10);
    }
    assertThat(timeless(killed.resolve("metrics.jsonl"))).isEqualTo(timeless(whole.resolve("metrics.jsonl"))).hasSize(16);
    assertThat(killed.resolve("samples.jsonl")).hasSameBinaryContentAs(whole.resolve("samples.jsonl"));
    assertThat(killed.resolve("report.html")).hasSameBinaryContentAs(whole.resolve("report.html"));
    assertThat(EventReader.lines(killed)).containsExactlyInAnyOrderElementsOf(EventReader.lines(whole));
    for (String file : List.of("model.safetensors", "optimizer.safetensors", "trainer_state.json", "checksums.json")) {
      Path last = Path.of("checkpoint-8", file);
      assertThat(killed.resolve(last)).hasSameBinaryContentAs(whole.resolve(last));
    }
  }

  private static List<ObjectNode> timeless(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<ObjectNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      ObjectNode object = (ObjectNode) json.readTree(line);
      assertThat(object.remove("time").asDouble()).isPositive();
      lines.add(object);
    }
    return lines;
  }

  @Test
  void aRunWithoutACheckpointBeginsAgain() throws IOException {
    try (RunFolder files = RunFolder.create(folder, SETTINGS, 5)) {
      files.evaluation(new Evaluation(0, Double.NaN, List.of(new Sample("Who?", "?"))));
      files.step(new StepReport(1, 2, 3, 4, 5, 6, 7, Optional.empty()));
      files.evaluation(new Evaluation(1, 2, List.of()));
    }
    try (RunFolder files = RunFolder.resume(folder, 5)) {
      assertThat(files.checkpoints().latestGood().found()).isEmpty();
      files.rewind(0);
    }
    assertThat(folder.resolve("metrics.jsonl")).isEmptyFile();
    assertThat(folder.resolve("samples.jsonl")).isEmptyFile();
    assertThat(EventReader.lines(folder)).hasSize(2);
  }

  @Test
  void aSecondRunIsKeptOut() throws IOException {
    try (RunFolder _ = RunFolder.create(folder, SETTINGS, 5)) {
      assertThatThrownBy(() -> RunFolder.resume(folder, 5)).hasMessageContaining("belongs to a run that is going on");
    }
    assertThatThrownBy(() -> RunFolder.create(folder, SETTINGS, 5))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("holds a run, or a model, already");
    RunFolder.resume(folder, 5).close(); // neither attempt kept the lock
    assertThatThrownBy(() -> RunFolder.resume(folder.resolve("other"), 5)).hasMessageContaining("config.json: is missing");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void aFolderOfSomethingElseIsLeftAsItIs() throws IOException {
    Map<String, String> foreign =
        Map.of("metrics.jsonl", "{\"step\":7}\n", "samples.jsonl", "[]\n", "events.out.tfevents.1.theirs", "x", "notes.txt",
            "a", "model", "b", "rank-x.log", "c");
    for (Map.Entry<String, String> each : foreign.entrySet()) {
      Path other = Files.createDirectory(folder.resolve("of " + each.getKey()));
      Path file = Files.writeString(other.resolve(each.getKey()), each.getValue());
      assertThatThrownBy(() -> RunFolder.create(other, SETTINGS, 5))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(other.toString())
          .hasMessageContaining("holds '" + each.getKey() + "', which is of no run; name a new folder");
      assertThat(file).hasContent(each.getValue());
      assertThat(other.resolve("config.json")).doesNotExist();
    }
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> RunFolder.requireFree(file)).hasMessageContaining("is a file; name a folder");
  }

  @Test
  void whatIsMadeReadyForARunIsNoHindrance() throws IOException {
    for (String name : List.of(".lock", "tokenizer.json", "tokenizer.json7.partial", "tokens.bin", "tokens.bin.part",
        "rank-1.log", "rank-12.log", ".offload-123.bin", ".DS_Store", ".config.json.0123456789abcdef.part")) {
      Files.writeString(folder.resolve(name), "x");
    }
    RunFolder.create(folder, SETTINGS, 5).close();
    assertThat(folder.resolve("tokens.bin")).hasContent("x");
  }
}
