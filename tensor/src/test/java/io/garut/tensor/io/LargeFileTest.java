package io.garut.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import io.garut.tensor.Shape;
import java.io.File;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Past 4 GiB, and past the end of the disk. */
class LargeFileTest {
  @TempDir Path folder;

  /** A sparse file: 5 GiB of which a few pages exist. */
  @Test
  void opensTensorsOfMoreElementsThanAnIntCounts() throws Exception {
    long half = 1L << 31;
    long elements = half + half / 4;
    Path path = folder.resolve("large.safetensors");
    String header =
        String.format(
            "{\"w\":{\"dtype\":\"BF16\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}",
            elements, 2 * elements, 2 * elements, 2 * elements + 4);
    header += " ".repeat(Math.floorMod(-header.length(), 8));
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(SafetensorsTest.file(header, 0));
      file.setLength(8 + header.length() + 2 * elements + 4);
      file.seek(8 + header.length() + 2 * (elements - 1));
      file.write(new byte[] {1, 2, 3, 4, 5, 6});
    }
    try (Checkpoint checkpoint = Checkpoint.open(path);
        Mapped w = checkpoint.map("w");
        Mapped v = checkpoint.map("v")) {
      assertThat(checkpoint.entry("w").shape()).isEqualTo(Shape.of(elements));
      assertThat(w.segment().getAtIndex(ValueLayout.JAVA_SHORT, elements - 1)).isEqualTo((short) 0x0201);
      assertThat(w.segment().getAtIndex(ValueLayout.JAVA_SHORT, half)).isZero();
      assertThat(v.segment().get(ValueLayout.JAVA_INT, 0)).isEqualTo(0x06050403);
    }
  }

  /** A limit on the size of files stands for a full disk: both fail in the middle of a write. */
  @Test
  void aFullDiskLeavesNothingBehind() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "this system has no /bin/sh to set a limit with");
    Path file = folder.resolve("model.safetensors");
    String classPath =
        String.join(
            File.pathSeparator, place(Checkpoint.class), place(FullDisk.class), place(JsonFactory.class));
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -f 1000 && exec \"$0\" -XX:TieredStopAtLevel=1 -cp \"$1\" \"$2\" \"$3\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                classPath,
                FullDisk.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output.lines().toList())
        .singleElement()
        .asString()
        .startsWith(file + ": writing: ")
        .contains("; make sure that its disk works and has room for ");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  private static String place(Class<?> type) {
    String name = type.getName().replace('.', '/') + ".class";
    String url = type.getClassLoader().getResource(name).toString();
    String place =
        url.startsWith("jar:") ? url.substring(4, url.indexOf("!/")) : url.substring(0, url.length() - name.length());
    return Path.of(URI.create(place)).toString();
  }
}
