package io.garut.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernels in CUDA C, as TornadoVM writes them for a device that need not be there, are what nvcc compiles. */
class CudaSourceTest {
  private static final String ARCHITECTURE = "sm_90";
  private static final String DEVICE = """
      {
        "deviceName": "virtual",
        "doubleFPSupport": true,
        "maxWorkItemSizes": [1024, 1024, 64],
        "deviceAddressBits": 64,
        "deviceType": "CL_DEVICE_TYPE_GPU",
        "deviceExtensions": "cl_khr_int64_base_atomics cl_khr_fp16",
        "availableProcessors": 132
      }
      """;

  @TempDir
  private Path folder;

  @Test
  void everyKernelCompiles() throws Exception {
    Path sdk = sdk();
    Path nvcc = nvcc();
    Path source = emit(sdk);

    Map<String, String> kernels = kernels(source);
    assertThat(kernels.keySet()).containsAll(Arrays.stream(Code.values()).map(Code::name).toList());
    kernels.forEach((name, text) -> assertThat(text).as("the CUDA C of " + name).contains("__global__"));

    Path errors = folder.resolve("nvcc.txt");
    ProcessBuilder compiler = new ProcessBuilder(
        nvcc.toString(),
        "-w",
        "-arch=" + ARCHITECTURE,
        "-cubin",
        "-o",
        folder.resolve("kernels.cubin").toString(),
        source.toString());
    int status = run(compiler.redirectErrorStream(true).redirectOutput(errors.toFile()));
    List<String> lines = Files.readAllLines(errors);
    String first = lines.stream().filter(line -> line.matches(".*\\b(error|fatal)\\b.*")).findFirst().orElse("");
    assertThat(status).as("nvcc: %s%n%s", first, String.join("\n", lines)).isZero();
  }

  /** An SDK with the driver of CUDA. */
  private static Path sdk() {
    List<Path> found = Stream.of("TORNADOVM_CUDA_HOME", "TORNADOVM_HOME")
        .map(System::getenv)
        .filter(Objects::nonNull)
        .map(Path::of)
        .filter(CudaSourceTest::hasCuda)
        .toList();
    Assumptions.assumeFalse(
        found.isEmpty(), "neither TORNADOVM_CUDA_HOME nor TORNADOVM_HOME names an SDK of TornadoVM with tornado-drivers-cuda");
    return found.getFirst();
  }

  private static boolean hasCuda(Path sdk) {
    Path modules = sdk.resolve("share/java/tornado");
    if (!Files.isDirectory(modules)) {
      return false;
    }
    try (Stream<Path> files = Files.list(modules)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("tornado-drivers-cuda"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path nvcc() {
    List<Path> places = new ArrayList<>();
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    Arrays.stream(path.split(File.pathSeparator)).map(Path::of).forEach(places::add);
    places.add(Path.of(Objects.requireNonNullElse(System.getenv("CUDA_HOME"), ""), "bin"));
    places.add(Path.of("/usr/local/cuda/bin"));
    List<Path> found = places.stream().map(place -> place.resolve("nvcc")).filter(Files::isExecutable).toList();
    Assumptions.assumeFalse(found.isEmpty(), "nvcc is neither on the PATH nor in CUDA_HOME/bin or /usr/local/cuda/bin");
    return found.getFirst();
  }

  /** What {@link CudaSources} prints, in a JVM with the flags of {@code sdk}. */
  private Path emit(Path sdk) throws Exception {
    Path device = Files.writeString(folder.resolve("device.json"), DEVICE);
    Path source = folder.resolve("kernels.cu");
    Path errors = folder.resolve("java.txt");
    ProcessBuilder java = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx1g",
        "@" + sdk.resolve("tornado-argfile"),
        "-Dtornado.virtual.device=True",
        "-Dtornado.device.desc=" + device,
        "-Dtornado.printKernel=true",
        "-Dtornado.recover.bailout=false",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        CudaSources.class.getName());
    java.environment().put("TORNADOVM_HOME", sdk.toString());
    int status = run(java.redirectOutput(source.toFile()).redirectError(errors.toFile()));
    assertThat(status).as("emitting CUDA C: %s", Files.readString(errors)).isZero();
    return source;
  }

  private static Map<String, String> kernels(Path source) throws IOException {
    Map<String, String> kernels = new TreeMap<>();
    for (String part : Files.readString(source).split("(?m)^" + CudaSources.LABEL)) {
      String[] names = part.split("\"", 3);
      if (names.length == 3) {
        kernels.put(names[1], names[2]);
      }
    }
    return kernels;
  }

  private static int run(ProcessBuilder builder) throws Exception {
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends within 2 minutes: %s", builder.command().getFirst()).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
