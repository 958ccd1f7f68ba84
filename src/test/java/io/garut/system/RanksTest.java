package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.op.SplitMix64;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with ranks as processes: the bits of one process, and a clear end where one is killed. */
class RanksTest {
  private static final int STEPS = 8;
  private static final Path LAMB = Path.of(System.getProperty("garut.root"), "models", "lamb", "lamb-q8_0.gguf");

  @TempDir private Path folder;

  @BeforeEach
  void records() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      long number = SplitMix64.bits(3, i) & 0xff;
      lines.append("{\"instruction\": \"Who is %d?\", \"response\": \"A sheep, the %d.\"}\n".formatted(number, number));
    }
    Files.writeString(folder.resolve("records.jsonl"), lines);
  }

  @Test
  void endWithTheBitsOfOneProcessAndGoOnAfterAKill() throws Exception {
    kills(1);
  }

  @Test
  @Tag("slow")
  void tenKills() throws Exception {
    kills(10);
  }

  private void kills(int count) throws Exception {
    Path one = folder.resolve("one");
    assertThat(garut(one, "--gradient-accumulation", "2").waitFor()).as(log(one)).isZero();
    byte[] expected = Files.readAllBytes(one.resolve("model").resolve("model.safetensors"));
    for (int i = 0; i < count; i++) {
      Path two = folder.resolve("two-" + i);
      String stage = Integer.toString((3 + i) % 4);
      Process first = garut(two, "--ranks", "2", "--zero", stage, "--offload", i % 2 == 0 ? "disk" : "none");
      await(() -> Files.exists(two.resolve("checkpoint-2")), first, two);
      Thread.sleep(Math.floorMod(SplitMix64.bits(9, i), i == 0 ? 1L : 2000L));
      ProcessHandle other = first.descendants().findFirst().orElse(first.toHandle()); // which may have come to its end
      ProcessHandle victim = i % 3 == 2 ? first.toHandle() : other;
      victim.destroyForcibly();
      other.onExit().get(60, TimeUnit.SECONDS); // nobody waits for one that is lost
      assertThat(first.waitFor(60, TimeUnit.SECONDS)).as("ends soon: %s", log(two)).isTrue();
      if (first.exitValue() != 0) { // it may have come to its end before the kill
        if (victim.pid() != first.pid()) {
          assertThat(first.exitValue()).as(log(two)).isEqualTo(69);
          assertThat(log(two)).contains("rank 1", "go on with --resume").doesNotContain("should not have happened");
        }
        List<String> others = i % 2 == 0
            ? List.of("--gradient-accumulation", "2", "--zero", "3", "--offload", "disk", "--resume") // one process
            : List.of("--ranks", "2", "--zero", "1", "--resume");
        assertThat(garut(two, others.toArray(String[]::new)).waitFor()).as(log(two)).isZero();
      }
      assertThat(Files.readAllBytes(two.resolve("model").resolve("model.safetensors"))).isEqualTo(expected);
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(Condition condition, Process process, Path out) throws Exception {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90); !condition.holds(); Thread.sleep(10)) {
      assertThat(process.isAlive() && System.nanoTime() < end).as(log(out)).isTrue();
    }
  }

  private String log(Path out) throws IOException {
    Path log = folder.resolve(out.getFileName() + ".log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private Process garut(Path out, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:Tier3DelayOn=1000",
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
        System.getProperty("java.class.path"), "io.garut.cli.Main", "finetune", "--model", LAMB.toString(), "--data",
        folder.resolve("records.jsonl").toString(), "--out", out.toString(), "--max-steps", Integer.toString(STEPS),
        "--learning-rate", "1e-3", "--batch-size", "2", "--epochs", "9", "--eval-every", "0", "--save-every", "2", "--prompts",
        Files.writeString(folder.resolve("prompts.txt"), "").toString()));
    Collections.addAll(words, more);
    Path log = folder.resolve(out.getFileName() + ".log");
    return new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }
}
