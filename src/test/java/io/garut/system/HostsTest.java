package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks on several machines: addresses of the loopback stand for these, and for ssh a script that runs its command here. */
class HostsTest {
  private static final Path LAMB = Path.of(System.getProperty("garut.root"), "models", "lamb", "lamb-q8_0.gguf");
  private static final String RECORD = "{\"instruction\": \"Who?\", \"response\": \"A sheep.\"}\n";
  private static final int MOST_SECONDS = 120;

  /** A token or a password, or a key store. */
  private static final String SECRET = "[0-9a-f]{64}|MII[A-Za-z0-9+/]{60}";

  @TempDir private Path folder;
  private Path hosts;

  @BeforeEach
  void prepare() throws IOException {
    Files.writeString(folder.resolve("records.jsonl"), RECORD.repeat(40));
    Files.writeString(folder.resolve("prompts.txt"), "");
    hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 slots=1 # this machine\n127.0.0.2 slots=1\n");
  }

  private Path script(String text) throws IOException {
    Path script = Files.writeString(folder.resolve("it's ssh"), "#!/bin/sh\n" + text);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** An ssh that runs the command here, and writes down what others could see of it. */
  private Path local() throws IOException {
    return script(
        """
        printf '%s\\n' "$@" >>seen; env >>seen; echo $$ >pid
        [ "$1 $2" = '-o BatchMode=yes' ] && exec sh -c "$4"
        """);
  }

  private Path onOneMachine() throws Exception {
    Path one = folder.resolve("one");
    assertThat(end(garut(local(), one, "--ranks", "2"))).as(log(one)).isZero();
    assertThat(folder.resolve("seen")).doesNotExist();
    return one;
  }

  @Test
  void endWithTheBitsOfOneMachineAndTellNoSecret() throws Exception {
    Path one = onOneMachine();
    Path two = folder.resolve("two");
    assertThat(end(garut(local(), two, "--ranks", hosts.toString()))).as(log(two)).isZero();
    assertThat(Files.readAllBytes(weights(two))).isEqualTo(Files.readAllBytes(weights(one)));
    assertThat(folder.resolve("seen")).content().contains("127.0.0.2", "--follow").doesNotContainPattern(SECRET);
  }

  @Test
  @Tag("slow")
  void goOnAfterDeaths() throws Exception {
    Path one = onOneMachine();
    Path two = folder.resolve("two");
    Process first = garut(local(), two, "--ranks", hosts.toString());
    awaitCheckpoint(first, two, 1);
    rank1().destroyForcibly();
    assertThat(end(first)).as(log(two)).isEqualTo(69);
    assertThat(log(two)).contains("rank 1", "go on with --resume").doesNotContain("should not have happened");

    Process resumed = garut(local(), two, "--ranks", hosts.toString(), "--resume");
    awaitCheckpoint(resumed, two, 2);
    ProcessHandle other = rank1();
    resumed.destroyForcibly();
    other.onExit().get(MOST_SECONDS, TimeUnit.SECONDS); // by the end of its standard input

    assertThat(end(garut(local(), two, "--ranks", hosts.toString(), "--resume"))).as(log(two)).isZero();
    assertThat(Files.readAllBytes(weights(two))).isEqualTo(Files.readAllBytes(weights(one)));
    assertThat(folder.resolve("seen")).content().contains("127.0.0.2", "--follow").doesNotContainPattern(SECRET);
    assertThat(two.resolve("rank-1.log")).content().contains("memory: ", "resumed from ");
  }

  @Test
  void anSshThatFailsIsToldAtOnce() throws Exception {
    Path out = folder.resolve("out");
    Path refused = script("echo 'ssh: connect to host 127.0.0.2 port 22: Connection refused' >&2; exit 255\n");
    assertThat(end(garut(refused, out, "--ranks", hosts.toString()))).isEqualTo(69);
    assertThat(log(out)).contains(
        "garut: rank 1 on 127.0.0.2 cannot be reached by ssh: ssh: connect to host 127.0.0.2 port 22: Connection refused; 'ssh"
            + " 127.0.0.2 true' has to work without a password");
  }

  @Test
  void otherRecordsElsewhereEndTheRun() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("records.jsonl"), RECORD.replace("sheep", "goat").repeat(40));
    Files.writeString(elsewhere.resolve("prompts.txt"), "");
    Path out = folder.resolve("out");
    Path ssh = script("exec sh -c \"cd '" + elsewhere + "' && ${4#*&&}\"\n");
    assertThat(end(garut(ssh, out, "--ranks", hosts.toString()))).as(log(out)).isEqualTo(65);
    assertThat(log(out)).contains("garut: rank 1 has other examples than rank 0; --data and");
  }

  private static Path weights(Path out) {
    return out.resolve("model").resolve("model.safetensors");
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private ProcessHandle rank1() throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("pid")).strip())).orElseThrow();
  }

  private void awaitCheckpoint(Process process, Path out, int step) throws Exception {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        !Files.exists(out.resolve("checkpoint-" + step)); Thread.sleep(10)) {
      assertThat(process.isAlive() && System.nanoTime() < end).as(log(out)).isTrue();
    }
  }

  private String log(Path out) throws IOException {
    return Files.readString(folder.resolve(out.getFileName() + ".log"));
  }

  private Process garut(Path ssh, Path out, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:Tier3DelayOn=1000",
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
        System.getProperty("java.class.path"), "io.garut.cli.Main", "finetune", "--model", LAMB.toString(), "--data",
        "records.jsonl", "--out", out.toString(), "--max-steps", "4", "--zero", "3", "--learning-rate", "1e-3", "--batch-size",
        "2", "--eval-every", "0", "--save-every", "1", "--prompts", "prompts.txt"));
    Collections.addAll(words, more);
    Path log = folder.resolve(out.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().retainAll(Set.of("PATH", "HOME", "LC_ALL"));
    builder.environment().put("GARUT_SSH", "'" + ssh.toString().replace("'", "'\\''") + "'");
    return builder.start();
  }
}
