package io.garut.train.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code spark-submit} with Garut's jars as a user gives them: Spark's class loader knows nothing of them. */
class SubmitTest {
  private static final long MOST_SECONDS = 120;
  private static final String GARUT = "garut";

  @TempDir private Path folder;

  @Test
  void trainsAndTellsWhere() throws IOException, InterruptedException {
    Map<Boolean, List<Path>> parts = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .collect(Collectors.partitioningBy(SubmitTest::isGaruts));
    List<Path> jars = new ArrayList<>();
    for (Path part : parts.get(true)) {
      jars.add(Files.isDirectory(part) ? jar(part, folder.resolve(GARUT + jars.size() + ".jar")) : part);
    }
    Path model = TinyModel.write(folder.resolve("tiny"));
    Path records = TinyModel.writeRecords(folder.resolve("records.jsonl"));
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(TinyModel.JVM);
    command.addAll(List.of("-Xmx1g", "-cp", path(parts.get(false))));
    command.addAll(
        List.of("org.apache.spark.deploy.SparkSubmit", "--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    String all = jars.stream().map(Path::toString).collect(Collectors.joining(","));
    command.addAll(List.of("--class", Main.class.getName(), "--jars", all));
    command.addAll(List.of(jars.getFirst().toString(), "--model", model.toString(), "--data", records.toString()));
    command.addAll(List.of("--out", folder.resolve("run").toString(), "--ranks", "2", "--zero", "3", "--max-steps", "2"));
    command.addAll(List.of("--sample-tokens", "1"));
    Process submit = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(submit.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log);
    assertThat(submit.exitValue()).as(said).isZero();
    assertThat(said).contains("the model is in " + folder.resolve("run/model") + ", after 2 steps and 0 restarts");
    assertThat(folder.resolve("run/model/model.safetensors")).exists();
  }

  /** Those of this project, as folders or packed, but not tests. */
  private static boolean isGaruts(Path part) {
    boolean packed = part.getFileName().toString().startsWith(GARUT);
    return packed || Files.isDirectory(part.resolve("io").resolve(GARUT)) && !part.endsWith("test-classes");
  }

  private static Path jar(Path classes, Path jar) {
    ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
    int status = tool.run(System.out, System.err, "--create", "--file", jar.toString(), "-C", classes.toString(), ".");
    assertThat(status).isZero();
    return jar;
  }

  private static String path(List<Path> parts) {
    return parts.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
