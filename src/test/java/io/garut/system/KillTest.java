package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.run.Checkpoints;
import io.garut.train.run.StoredCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process of its own that is killed at random moments and resumed ends with the bits of one that was not. */
class KillTest {
  private static final String CONFIG =
      """
      {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 300, "hidden_size": 64,
       "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128, "hidden_act": "gelu",
       "rotary_pct": 0.5, "rotary_emb_base": 10000, "max_position_embeddings": 64, "layer_norm_eps": 1e-05,
       "use_parallel_residual": true, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 0}
      """;

  private static final long MOST_MILLIS = 80; // a few steps with their saves

  @TempDir private Path folder;

  @Test
  void someKills() throws IOException, InterruptedException {
    check(3, 40);
  }

  @Test
  @Tag("slow")
  void fiftyKills() throws IOException, InterruptedException {
    check(50, 600);
  }

  private void check(int kills, int steps) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("config.json"), CONFIG);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append("sheep ").append(SplitMix64.bits(1, i) & 0xff).append(i % 9 == 0 ? ".\n" : " hill ");
    }
    Files.writeString(folder.resolve("text.txt"), text);
    Path whole = folder.resolve("whole");
    assertThat(garut(whole, steps).waitFor()).as(log(whole)).isZero();

    Path cut = folder.resolve("cut");
    Process early = garut(cut, steps);
    early.waitFor(Math.floorMod(SplitMix64.bits(5, steps), 1500L), TimeUnit.MILLISECONDS); // perhaps before it is a run
    kill(early);
    for (int kill = 0; kill < kills; kill++) {
      Process process = garut(cut, steps);
      long before = newest(cut);
      while (newest(cut) == before) {
        assertThat(process.waitFor(2, TimeUnit.MILLISECONDS)).as("ended before kill %s: %s", kill, log(cut)).isFalse();
      }
      // from within the steps after a checkpoint to within a later save
      assertThat(process.waitFor(Math.floorMod(SplitMix64.bits(7, kill), MOST_MILLIS), TimeUnit.MILLISECONDS))
          .as("ended before kill %s: %s", kill, log(cut)).isFalse();
      kill(process);
    }
    assertThat(garut(cut, steps).waitFor()).as(log(cut)).isZero();
    Path model = Path.of("model", "model.safetensors");
    assertThat(Files.readAllBytes(cut.resolve(model))).isEqualTo(Files.readAllBytes(whole.resolve(model)));
    assertThat(losses(cut)).isEqualTo(losses(whole));
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** The step of the newest checkpoint; −1 before the first. */
  private static long newest(Path out) throws IOException {
    return Files.isDirectory(out) ? Checkpoints.list(out).stream().mapToLong(StoredCheckpoint::step).max().orElse(-1) : -1;
  }

  /** The metrics without times. */
  private static List<String> losses(Path out) throws IOException {
    return Files.readAllLines(out.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll("\"(seconds|time)\":[^,}]+,?", ""))
        .toList();
  }

  private String log(Path out) throws IOException {
    Path log = folder.resolve(out.getFileName() + ".log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private Process garut(Path out, int steps) throws IOException {
    List<String> words = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:Tier3DelayOn=1000",
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
        System.getProperty("java.class.path"), "io.garut.cli.Main", "pretrain", "--config",
        folder.resolve("config.json").toString(), "--data", folder.resolve("text.txt").toString(), "--out", out.toString(),
        "--context", "32", "--batch-size", "4", "--epochs", "100", "--max-steps", Integer.toString(steps), "--save-every", "2",
        "--keep", "2", "--eval-every", "10", "--sample-tokens", "2", "--test-windows", "2"));
    if (Files.exists(out.resolve("config.json"))) {
      words.add("--resume");
    }
    Path log = folder.resolve(out.getFileName() + ".log");
    return new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }
}
