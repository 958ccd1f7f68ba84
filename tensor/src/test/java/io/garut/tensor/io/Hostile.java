package io.garut.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What tests of bad files share. */
final class Hostile {
  private Hostile() {}

  /** Opens {@code bytes} as a file, maps all that it holds, and expects one clear error. */
  static void assertRefused(Path folder, byte[] bytes, String... messageParts) throws IOException {
    Path file = Files.createTempFile(folder, "hostile", ".bin");
    Files.write(file, bytes);
    assertRefused(file, messageParts);
  }

  /** Opens {@code file}, maps all that it holds, and expects one clear error that names it. */
  static void assertRefused(Path file, String... messageParts) {
    Throwable thrown = catchThrowable(() -> readAll(file));
    assertThat(thrown).isInstanceOf(CheckpointException.class);
    // <file>: <place>: <what>; <what to do>, on one line
    assertThat(thrown.getMessage()).startsWith(file.getParent().toString()).contains(": ").contains("; ");
    assertThat(thrown.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
    for (String part : messageParts) {
      assertThat(thrown.getMessage()).contains(part);
    }
  }

  /** Opens {@code path} and touches all of it; a checksum of what was read. */
  static long readAll(Path path) throws CheckpointException {
    return readSome(path, 0, 1);
  }

  /** Opens {@code path} and touches one tensor of {@code step}, from number {@code first} on; a checksum. */
  static long readSome(Path path, int first, int step) throws CheckpointException {
    long sum = 0;
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      int number = 0;
      for (String name : checkpoint.names()) {
        Entry entry = checkpoint.entry(name);
        assertThat(entry.name()).isEqualTo(name);
        if (number++ % step == first && entry.dtype().isPresent()) {
          assertThat(entry.byteLength()).isEqualTo(entry.dtype().get().bytes(entry.shape().elements()));
          try (Mapped data = checkpoint.map(name)) {
            assertThat(data.segment().byteSize()).isEqualTo(entry.byteLength());
            for (long i = 0; i < entry.byteLength(); i++) {
              sum = sum * 31 + data.segment().get(ValueLayout.JAVA_BYTE, i);
            }
          }
        }
      }
    }
    return sum;
  }

  static Path resource(String name) {
    try {
      return Path.of(Hostile.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
