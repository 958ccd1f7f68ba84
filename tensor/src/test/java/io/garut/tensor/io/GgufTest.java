package io.garut.tensor.io;

import static io.garut.tensor.io.Hostile.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of gguf-py, and files that lie about themselves. */
class GgufTest {
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  @TempDir Path folder;

  @Test
  void readsMetadataOfEveryType() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("types.gguf"))) {
      Metadata metadata = checkpoint.metadata();
      assertThat(metadata.string("general.architecture")).isEqualTo("garut-test");
      assertThat(metadata.integer("one.uint8")).isEqualTo(200);
      assertThat(metadata.integer("one.int8")).isEqualTo(-100);
      assertThat(metadata.integer("one.uint16")).isEqualTo(60_000);
      assertThat(metadata.integer("one.int16")).isEqualTo(-30_000);
      assertThat(metadata.integer("one.uint32")).isEqualTo(4_000_000_000L);
      assertThat(metadata.integer("one.int32")).isEqualTo(-2_000_000_000);
      assertThat(metadata.integer("one.int64")).isEqualTo(-(1L << 62));
      assertThat(metadata.real("one.float32")).isEqualTo(0.1f);
      assertThat(metadata.real("one.float64")).isEqualTo(0.1);
      assertThat(metadata.flag("one.bool")).isTrue();
      assertThat(metadata.string("one.string")).isEqualTo("größe 🐑");
      assertThat(metadata.strings("many.strings")).containsExactly("a", "", "ß");
      assertThat(metadata.integers("many.ints")).containsExactly(1, -2, 3);
      assertThat(metadata.find("many.nested").orElseThrow())
          .isInstanceOfSatisfying(
              MetadataValue.Array.class, array -> assertThat(array.elementType()).isEqualTo(MetadataType.ARRAY));
      assertThatThrownBy(() -> metadata.integer("one.uint64"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("metadata key 'one.uint64': is a UINT64, not a whole number of 63 bits");
      assertThatThrownBy(() -> metadata.strings("many.ints"))
          .hasMessageContaining("metadata key 'many.ints': is an array of INT32, not an array of strings");
    }
  }

  @Test
  void readsTensors() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("types.gguf"))) {
      assertThat(checkpoint.format()).isEqualTo(Format.GGUF);
      assertThat(checkpoint.entry("deep.f32").shape()).isEqualTo(Shape.of(1, 2, 3, 4));
      assertThat(checkpoint.entry("counts.i64").dtype()).contains(DType.I64);
      assertThat(checkpoint.entry("foreign.q2_k").type()).isEqualTo("Q2_K");
      assertThat(checkpoint.entry("foreign.q2_k").shape()).isEqualTo(Shape.of(1, 256));
      assertThat(checkpoint.entry("foreign.q2_k").dtype()).isEmpty();
      try (Mapped data = checkpoint.map("plain.f32")) {
        assertThat(data.segment().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(0, 1, 2, 3, 4, 5);
      }
      assertThatThrownBy(() -> checkpoint.map("foreign.q2_k")).isInstanceOf(CheckpointException.class);
    }
  }

  @Test
  void readsVersion2() throws Exception {
    byte[] bytes = Files.readAllBytes(Hostile.resource("types.gguf"));
    bytes[4] = 2;
    Path file = folder.resolve("two.gguf");
    Files.write(file, bytes);
    assertThat(Hostile.readAll(file)).isEqualTo(Hostile.readAll(Hostile.resource("types.gguf")));
  }

  @Test
  void refusesOtherVersions() throws IOException {
    assertRefused(folder, header(1, 0, 0).zeros(32).array(), "version: is 1; 2 and 3 are supported");
    assertRefused(folder, header(4, 0, 0).zeros(32).array(), "version: is 4; 2 and 3 are supported");
    assertRefused(folder, header(0x03000000, 0, 0).zeros(32).array(), "version: is of a big-endian file");
  }

  @Test
  void refusesCountsAndLengthsPastTheEnd() throws IOException {
    assertRefused(folder, header(3, -1, 0).zeros(64).array(), "tensor count: is 18446744073709551615, more than");
    assertRefused(folder, header(3, 4, 0).zeros(64).array(), "tensor count: is 4, more than the file's");
    assertRefused(folder, header(3, 0, 1L << 62).zeros(64).array(), "metadata count: is 4611686018427387904");
    assertRefused(folder, header(3, 0, 1).u64(1L << 63).zeros(64).array(), "has a name of 9223372036854775808 bytes");
    assertRefused(folder, header(3, 0, 1).u64(65_536).zeros(70_000).array(), "at most 65535 are allowed");
    assertRefused(
        folder,
        header(3, 0, 1).sized("k").u32(STRING).u64(1L << 40).zeros(64).array(),
        "metadata key 'k': claims a string of 1099511627776 bytes");
    assertRefused(
        folder,
        header(3, 0, 1).sized("k").u32(ARRAY).u32(STRING).u64(1L << 61).zeros(64).array(),
        "metadata key 'k': claims an array of 2305843009213693952 values of type STRING");
    assertRefused(
        folder,
        header(3, 0, 1).sized("k").u32(ARRAY).u32(0).u64(5_000_000).zeros(5_000_000).array(),
        "metadata key 'k': claims an array of 5000000 values");
    assertRefused(folder, header(3, 0, 3).zeros(42).array(), "metadata key ''");
    assertRefused(folder, header(3, 150_000, 0).zeros(150_000 * 24).array(), "tensor count: is 150000; at most 131072");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    Bytes bytes = header(3, 0, 1).sized("k").u32(ARRAY);
    for (int i = 0; i < 1000; i++) {
      bytes.u32(ARRAY).u64(1);
    }
    assertRefused(folder, bytes.array(), "metadata key 'k': nests arrays more than 8 deep");
  }

  @Test
  void refusesMetadataThatBreakARule() throws IOException {
    assertRefused(
        folder,
        header(3, 0, 1).sized("k").u32(13).zeros(32).array(),
        "metadata key 'k': has a value of unknown type 13");
    assertRefused(
        folder, header(3, 0, 1).sized("k").u32(7).u8(2).zeros(32).array(), "metadata key 'k': holds 2 where 0 (false)");
    assertRefused(
        folder,
        header(3, 0, 2).sized("k").u32(0).u8(1).sized("k").u32(0).u8(1).zeros(32).array(),
        "metadata key 'k': is there twice");
    assertRefused(folder, header(3, 0, 1).u64(1).u8(0xff).u32(0).zeros(32).array(), "not UTF-8");
    for (long alignment : new long[] {0, 3, 48, 1L << 31}) {
      assertRefused(
          folder,
          header(3, 0, 1).sized("general.alignment").u32(4).u32(alignment).zeros(64).array(),
          "metadata key 'general.alignment': is no power of two");
    }
    assertRefused(
        folder,
        header(3, 0, 1).sized("general.alignment").u32(STRING).sized("32").zeros(64).array(),
        "general.alignment");
  }

  @Test
  void refusesTensorsThatLie() throws IOException {
    assertTensor(0, 0, null, 8);
    assertTensor(0, 32, "takes 32 bytes at 32 of the data, which have 32 (truncated?)", 8);
    assertTensor(0, 8, "begins at byte 8 of the data, no multiple of 32", 8);
    assertTensor(0, 1L << 63, "begins at byte 9223372036854775808", 8);
    assertTensor(0, (1L << 63) - 32, "takes 32 bytes at 9223372036854775776", 8);
    assertTensor(0, 0, "takes 36 bytes", 9);
    assertTensor(0, 0, "impossible shape", -8);
    assertTensor(0, 0, "impossible shape", 1L << 62);
    assertTensor(0, 0, "impossible shape", 1L << 32, 1L << 32);
    assertTensor(0, 0, "has 5 dimensions; at most 4", 1, 1, 1, 1, 8);
    assertTensor(8, 0, "has rows of 8 elements; Q8_0 holds blocks of 32", 8);
    assertTensor(12, 0, "has rows of 32 elements; Q4_K holds blocks of 256", 32, 8);
    assertTensor(99, 0, "is of ggml type 99, which Garut does not know", 8);
    Bytes dims = header(3, 1, 0).sized("w").u32(0x4000_0000);
    assertRefused(folder, dims.zeros(64).array(), "has 1073741824 dimensions");
  }

  @Test
  void refusesTensorsOnTopOfEachOther() throws IOException {
    Bytes twice = info(info(header(3, 2, 0), "w", 0, 0, 8), "w", 0, 32, 8);
    assertRefused(folder, data(twice, 64), "tensor 'w': is there twice");
    Bytes overlap = info(info(header(3, 2, 0), "v", 0, 0, 9), "w", 0, 32, 8);
    assertRefused(folder, data(overlap, 64), "tensor 'w': overlaps tensor 'v'");
  }

  @Test
  void refusesEveryTruncation() throws Exception {
    byte[] whole = Files.readAllBytes(Hostile.resource("types.gguf"));
    Path file = folder.resolve("cut.gguf");
    int unpadded = whole.length - 12; // the last tensor takes 84 of its 96 bytes
    for (int length = 0; length < unpadded; length += 11) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file);
    }
  }

  private void assertTensor(int type, long offset, String message, long... dims) throws IOException {
    byte[] bytes = data(info(header(3, 1, 0), "w", type, offset, dims), 32);
    if (message == null) {
      Path file = folder.resolve("good.gguf");
      Files.write(file, bytes);
      Hostile.readAll(file);
    } else {
      assertRefused(folder, bytes, "tensor 'w'", message);
    }
  }

  private static Bytes header(int version, long tensors, long keys) {
    return new Bytes().text("GGUF").u32(version).u64(tensors).u64(keys);
  }

  private static Bytes info(Bytes bytes, String name, int type, long offset, long... dims) {
    bytes.sized(name).u32(dims.length);
    for (long dim : dims) {
      bytes.u64(dim);
    }
    return bytes.u32(type).u64(offset);
  }

  private static byte[] data(Bytes bytes, int length) {
    return bytes.zeros(Math.floorMod(-bytes.size(), 32)).zeros(length).array();
  }
}
