package io.garut.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Good files with random damage. Each ends in a {@link CheckpointException} or reads consistently, in bounded time and
 * memory; {@link Hostile#readSome} checks what is read.
 */
class MutationTest {
  private static final Map<String, byte[]> ORIGINALS = new ConcurrentHashMap<>();

  /** A case takes some 0.2 ms; this is for a machine that does other things meanwhile. */
  private static final Duration MOST_TIME = Duration.ofSeconds(5);

  /** What the readers may allocate for a file of 10 KB: buffers, and the stack trace of the refusal. */
  private static final long MOST_BYTES = 8 << 20;

  private static Path file;

  @BeforeContainer
  static void makeFile() throws IOException {
    file = Files.createTempFile("mutated", ".bin");
  }

  @AfterContainer
  static void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  @Property(tries = 3000, seed = "20230412", edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void damagedFilesAreRefusedOrRead(@ForAll("originals") String original, @ForAll long seed) throws IOException {
    check(original, seed);
  }

  @Tag("slow")
  @Property(tries = 120_000, seed = "12042023", edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void damagedFilesAreRefusedOrReadManyTimes(@ForAll("originals") String original, @ForAll long seed)
      throws IOException {
    check(original, seed);
  }

  @Provide
  Arbitrary<String> originals() {
    return Arbitraries.of("state.safetensors", "state.bin", "types.gguf", "/io/garut/tensor/quant/encoded.gguf");
  }

  private static void check(String original, long seed) throws IOException {
    byte[] good = ORIGINALS.computeIfAbsent(original, MutationTest::read);
    write(damage(good, new SplittableRandom(seed)));
    long bytesBefore = Allocation.ofThisThread();
    long before = System.nanoTime();
    try {
      Hostile.readSome(file, (int) Math.floorMod(seed, 5L), 5); // closing a mapping waits for all threads
    } catch (CheckpointException e) {
      assertThat(e).hasMessageStartingWith(file + ": ").hasMessageContaining("; ");
      assertThat(e.getMessage()).doesNotContain("\n");
    }
    assertThat(System.nanoTime() - before).isLessThan(MOST_TIME.toNanos());
    assertThat(Allocation.ofThisThread() - bytesBefore).isLessThan(MOST_BYTES);
  }

  /** In place: cutting the file to nothing first makes some file systems flush it each time. */
  private static void write(byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), 0);
      channel.truncate(bytes.length);
    }
  }

  private static byte[] read(String original) {
    try {
      return Files.readAllBytes(Hostile.resource(original));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Between one and eight changes: a bit, a byte, a number, a piece moved, removed or doubled, the end cut off. */
  private static byte[] damage(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    for (int change = random.nextInt(8); change >= 0 && bytes.length > 0; change--) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(1 + random.nextInt(24), bytes.length - at);
      switch (random.nextInt(8)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> putNumber(bytes, at, random);
        case 3 -> System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
        case 4 -> bytes = join(bytes, at, at + length); // a piece removed
        case 5 -> bytes = join(bytes, at + length, at); // a piece doubled
        case 6 -> bytes = random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at) : bytes;
        case 7 -> bytes[at] = (byte) "0123456789{}[]\",:(.tuRQ".charAt(random.nextInt(23));
        default -> throw new IllegalStateException();
      }
    }
    return bytes;
  }

  /** Numbers at which things overflow, of 2 to 8 bytes. */
  private static void putNumber(byte[] bytes, int at, SplittableRandom random) {
    long number =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> -1;
          case 2 -> 1L << random.nextInt(64);
          case 3 -> (1L << random.nextInt(64)) - 1;
          case 4 -> -(1L << random.nextInt(64));
          default -> random.nextInt(512);
        };
    int width = 2 << random.nextInt(3);
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (number >> 8 * i);
    }
  }

  /** The bytes before {@code end}, then those from {@code from} on. */
  private static byte[] join(byte[] bytes, int end, int from) {
    byte[] result = Arrays.copyOf(bytes, end + bytes.length - from);
    System.arraycopy(bytes, from, result, end, bytes.length - from);
    return result;
  }
}
