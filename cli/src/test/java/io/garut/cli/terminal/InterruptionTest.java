package io.garut.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class InterruptionTest {
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  @Test
  void aSectionIsWaitedForAWhile() throws InterruptedException {
    Interruption interruption = new Interruption(PATIENCE_NANOS);
    try (Interruption.Section _ = interruption.section()) {
      Thread end = Thread.ofPlatform().start(interruption::await);
      assertThat(end.join(Duration.ofSeconds(20))).isTrue();
      assertThat(interruption.requested()).isTrue();
    }
  }

  @Test
  void anEndThatIsHeldComesWithTheCommandsAndIsToldOnce() {
    Interruption interruption = new Interruption(PATIENCE_NANOS);
    AtomicInteger told = new AtomicInteger();
    interruption.holdEnd(told::incrementAndGet);
    interruption.request();
    interruption.request();
    assertThat(told).hasValue(1);
    interruption.commandEnded();
    interruption.await(); // returns
  }

  @Test
  void nothingIsToldAfterTheCommandsEnd() {
    Interruption interruption = new Interruption(PATIENCE_NANOS);
    AtomicInteger told = new AtomicInteger();
    interruption.holdEnd(told::incrementAndGet);
    interruption.commandEnded();
    interruption.await();
    assertThat(told).hasValue(0);
  }

  /** Through the system's signals: the first is waited out, the second ends the process. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void theFirstSignalWaitsTheSecondEndsAtOnce() throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-cp", System.getProperty("java.class.path"), LongStep.class.getName());
    Process process = builder.redirectErrorStream(true).start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("begun");
      process.toHandle().destroy(); // SIGTERM, without closing the streams
      assertThat(out.readLine()).isEqualTo("told");
      assertThat(process.waitFor(300, TimeUnit.MILLISECONDS)).as("waits beyond its patience").isFalse();
      process.toHandle().destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("the second signal").isTrue();
      assertThat(out.readLine()).isNull();
    } finally {
      process.destroyForcibly();
    }
  }

  /** A command whose step does not end. */
  static final class LongStep {
    private LongStep() {}

    public static void main(String[] args) throws InterruptedException {
      Interruption interruption = new Interruption(PATIENCE_NANOS);
      Runtime.getRuntime().addShutdownHook(new Thread(interruption::await));
      interruption.holdEnd(() -> System.out.println("told"));
      System.out.println("begun");
      Thread.sleep(Duration.ofMinutes(2));
    }
  }
}
