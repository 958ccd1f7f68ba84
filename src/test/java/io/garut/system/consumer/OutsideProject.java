package io.garut.system.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The consumer in a folder of its own, with a Maven repository of its own in which Garut's artifacts are installed;
 * nobody else's is touched. Maven finds everything else where the build at hand keeps it, so that no network is needed.
 */
final class OutsideProject {
  /** What a program on the class path is started with. */
  static final List<String> CLASS_PATH_FLAGS =
      List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  /** What a program on the module path is started with. */
  static final List<String> MODULE_PATH_FLAGS = List.of("--enable-native-access=io.garut.tensor");

  private static final String VERSION = System.getProperty("garut.version");
  private static final long MOST_SECONDS = 120;

  private final Path folder;
  private final Path repository;
  private final Path project;

  /** How a program ended. */
  record Run(int status, String output, String errors) {}

  /** Copies the consumer, and installs Garut, below {@code folder}, whose previous contents go. */
  OutsideProject(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath().normalize();
    repository = this.folder.resolve("repository");
    project = this.folder.resolve("project");
    delete(this.folder);
    copy(ReadmeLines.CONSUMER, project);
    install("", "garut-parent", "pom");
    install("bom", "garut-bom", "pom");
    install("tensor", "garut-tensor", "jar");
    install("backend-cpu", "garut-backend-cpu", "jar");
    install("transformer", "garut-transformer", "jar");
  }

  /** As maven-install-plugin does. */
  private void install(String module, String artifact, String packaging) throws IOException {
    Path home = ReadmeLines.ROOT.resolve(module);
    Path target = Files.createDirectories(repository.resolve("io/garut").resolve(artifact).resolve(VERSION));
    String name = artifact + "-" + VERSION + ".";
    Files.copy(home.resolve("pom.xml"), target.resolve(name + "pom"));
    if (packaging.equals("jar")) {
      Files.copy(home.resolve("target").resolve(name + packaging), target.resolve(name + packaging));
    }
  }

  /** Compiles the consumer with Maven, on the module path, and gathers what it needs to run. */
  void buildWithMaven() throws IOException, InterruptedException {
    Path settings = folder.resolve("settings.xml");
    Files.writeString(
        settings,
        """
        <settings>
          <mirrors>
            <mirror>
              <id>repository-of-the-build</id>
              <mirrorOf>*</mirrorOf>
              <url>%s</url>
            </mirror>
          </mirrors>
        </settings>
        """
            .formatted(Path.of(System.getProperty("garut.maven.repository")).toUri()));
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path maven = Path.of(System.getProperty("garut.maven.home"), "bin", windows ? "mvn.cmd" : "mvn");
    Run run =
        run(
            List.of(
                maven.toString(),
                "--batch-mode",
                "--settings=" + settings,
                "--global-settings=" + settings,
                "-Dmaven.repo.local=" + repository,
                "compile"));
    assertThat(run.status).as(run.output + run.errors).isZero();
  }

  /** Compiles the consumer with javac, on the class path. */
  void buildOnClassPath() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tool("javac"), "-Xlint:all", "-Werror", "-proc:none"));
    command.addAll(List.of("-cp", "target/lib/*", "-d", "target/plain-classes"));
    try (Stream<Path> sources = Files.list(project.resolve("src/main/java/example"))) {
      sources.map(Path::toString).forEach(command::add);
    }
    Run run = run(command);
    assertThat(run.status).as(run.output + run.errors).isZero();
  }

  /** Runs a class of the consumer on the module path. */
  Run onModulePath(String main) throws IOException, InterruptedException {
    List<String> command = java(MODULE_PATH_FLAGS);
    command.addAll(List.of("-p", "target/classes" + File.pathSeparator + "target/lib"));
    command.addAll(List.of("-m", "example/example." + main));
    return run(command);
  }

  /** Runs a class of the consumer on the class path. */
  Run onClassPath(List<String> flags, String main) throws IOException, InterruptedException {
    List<String> command = java(flags);
    command.addAll(List.of("-cp", "target/plain-classes" + File.pathSeparator + "target/lib/*", "example." + main));
    return run(command);
  }

  /** Where the consumer runs: relative paths in its code begin here. */
  Path project() {
    return project;
  }

  /** The names of the artifacts that it runs with. */
  List<String> libraries() {
    return Arrays.stream(project.resolve("target/lib").toFile().list()).sorted().toList();
  }

  private static List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>(List.of(tool("java"), "-XX:+UseSerialGC"));
    command.addAll(List.of("-Duser.language=en", "-Dstdout.encoding=UTF-8")); // whatever the machine's locale
    command.addAll(flags);
    return command;
  }

  /** Of the JDK that runs the tests, which may be another one than Maven's. */
  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private Run run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
    builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
    Map<String, String> environment = builder.environment();
    List.of("MAVEN_ARGS", "MAVEN_CONFIG", "JDK_JAVA_OPTIONS").forEach(environment::remove);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m");
    environment.put("MAVEN_SKIP_RC", "true");
    Process process = builder.start();
    if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError(command + " did not end within " + MOST_SECONDS + " s");
    }
    return new Run(process.exitValue(), read(output), read(errors));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
