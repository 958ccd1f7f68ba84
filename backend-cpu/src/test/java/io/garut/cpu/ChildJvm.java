package io.garut.cpu;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM, with this project on its class path. */
final class ChildJvm {
  /**
   * What it left.
   *
   * @param exit its exit status
   * @param output all that it wrote
   */
  record Result(int exit, String output) {}

  private final Process process;
  private final Path output;

  private ChildJvm(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts {@code main} with these options of the JVM and arguments. */
  static ChildJvm start(List<String> options, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("garut", ".out");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    return new ChildJvm(builder.start(), output);
  }

  /** Waits for its end. */
  Result finish() throws IOException, InterruptedException {
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        throw new IOException("the other JVM does not end; it wrote " + Files.readString(output));
      }
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly().waitFor();
      Files.delete(output);
    }
  }

  /** What this JVM has on its class path and module path, and the tests of this module. */
  private static String classPath() {
    String tests = String.valueOf(ChildJvm.class.getResource(ChildJvm.class.getSimpleName() + ".class"));
    int length = ChildJvm.class.getName().length() + ".class".length();
    String root = Path.of(URI.create(tests.substring(0, tests.length() - length))).toString();
    String modules = System.getProperty("jdk.module.path", "");
    return String.join(File.pathSeparator, root, modules, System.getProperty("java.class.path"));
  }
}
