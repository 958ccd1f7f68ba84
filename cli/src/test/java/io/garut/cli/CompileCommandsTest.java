package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The launcher's compile commands: the JVM passes over names that fit nothing, so a renamed kernel would not be missed. */
class CompileCommandsTest {
  private static final Path COMMANDS = Path.of("src/main/jvm/compile-commands");
  private static final Path SOURCES = Path.of("../backend-cpu/src/main/java");

  /** They hold constants and vectors for others, no loop. */
  private static final Set<String> WITHOUT_LOOPS = Set.of("io.garut.cpu.Lanes", "io.garut.cpu.Simd");

  @Test
  void everyClassWithVectorKernelsIsNamedAndNoOther() throws IOException {
    Set<String> named =
        Files.readAllLines(COMMANDS).stream()
            .filter(line -> line.startsWith("CompileThresholdScaling io.garut."))
            .map(line -> line.split(" ")[1].replace("::*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> vectors = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (Files.readString(file).contains("import jdk.incubator.vector.")) {
          String name = SOURCES.relativize(file).toString().replaceAll("\\.java$", "").replaceAll("[/\\\\]", ".");
          vectors.add(name);
        }
      }
    }
    vectors.removeAll(WITHOUT_LOOPS);
    assertThat(vectors).as("classes of backend-cpu that import the Vector API").isNotEmpty();
    assertThat(named).as("%s", COMMANDS).isEqualTo(vectors);
  }
}
