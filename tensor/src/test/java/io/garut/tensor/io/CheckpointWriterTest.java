package io.garut.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written and read back; and files that must not appear. */
class CheckpointWriterTest {
  private static final MemorySegment EIGHT = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

  @TempDir Path folder;

  /** Byte for byte what gguf-py has written of the same metadata and tensors. */
  @Test
  void writesGgufAsGgufPyDoes() throws Exception {
    Path original = Path.of(CheckpointWriterTest.class.getResource("/io/garut/tensor/quant/blocks.gguf").toURI());
    Path copy = folder.resolve("copy.gguf");
    copy(original, copy);
    assertThat(copy).hasSameBinaryContentAs(original);
  }

  /** As above, with metadata of every type; the tensors are left out, since one is of a foreign type. */
  @Test
  void writesMetadataAsGgufPyDoes() throws Exception {
    Path original = Hostile.resource("types.gguf");
    Path copy = folder.resolve("copy.gguf");
    try (Checkpoint checkpoint = Checkpoint.open(original);
        CheckpointWriter writer = CheckpointWriter.gguf(copy, List.of(), checkpoint.metadata())) {
      writer.commit();
      try (Checkpoint read = Checkpoint.open(copy)) {
        assertThat(read.metadata()).isEqualTo(checkpoint.metadata());
        assertThat(read.names()).isEmpty();
      }
    }
    byte[] expected = Files.readAllBytes(original);
    byte[] actual = Files.readAllBytes(copy);
    // After magic, version and the number of tensors, up to the padding of the header
    int counts = 16;
    int end = actual.length - 32;
    assertThat(Arrays.copyOfRange(actual, counts, end))
        .isEqualTo(Arrays.copyOfRange(expected, counts, end));
  }

  @Test
  void writesSafetensorsThatReadBackTheSame() throws Exception {
    Path copy = folder.resolve("copy.safetensors");
    try (Checkpoint original = Checkpoint.open(Hostile.resource("state.bin"))) {
      List<TensorSpec> specs = specs(original);
      Metadata metadata = Metadata.of(Map.of("format", "pt", "quote\"", "ünï\n"));
      try (CheckpointWriter writer = CheckpointWriter.safetensors(copy, specs, metadata)) {
        for (TensorSpec spec : specs.reversed()) { // in any order
          try (Mapped data = original.map(spec.name())) {
            writer.write(spec.name(), data.segment());
          }
        }
        writer.commit();
      }
      try (Checkpoint read = Checkpoint.open(copy)) {
        assertThat(read.metadata()).isEqualTo(metadata);
        assertThat(read.names()).containsExactlyInAnyOrderElementsOf(specs.stream().map(TensorSpec::name).toList());
        for (TensorSpec spec : specs) {
          Entry entry = read.entry(spec.name());
          assertThat(new TensorSpec(spec.name(), entry.dtype().orElseThrow(), entry.shape())).isEqualTo(spec);
          assertThat(entry.offset() % spec.dtype().blockBytes()).isZero();
          try (Mapped expected = original.map(spec.name());
              Mapped actual = read.map(spec.name())) {
            assertThat(actual.segment().mismatch(expected.segment())).isEqualTo(-1);
          }
        }
      }
    }
  }

  /** Awkward shapes and every type that a format can hold, many times over. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void roundTrips(long seed) throws Exception {
    Random random = new Random(seed);
    boolean gguf = seed % 2 == 0;
    List<TensorSpec> specs = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      DType dtype = DType.values()[random.nextInt(DType.values().length)];
      if (gguf ? dtype == DType.BOOL : dtype.isBlock()) {
        continue;
      }
      long[] dims = random.ints(random.nextInt(5), 0, 6).asLongStream().toArray();
      if (dtype.isBlock()) {
        dims = new long[] {random.nextInt(4), (1 + random.nextInt(3)) * (long) dtype.blockSize()};
      }
      TensorSpec spec = new TensorSpec("größe." + i, dtype, Shape.of(dims));
      byte[] content = new byte[(int) spec.byteLength()];
      random.nextBytes(content);
      for (int j = 0; dtype == DType.BOOL && j < content.length; j++) {
        content[j] &= 1;
      }
      specs.add(spec);
      contents.add(content);
    }
    Metadata metadata = Metadata.of(Map.of("seed", Long.toString(seed)));
    Path file = folder.resolve("new/folder/model");
    try (CheckpointWriter writer =
        gguf
            ? CheckpointWriter.gguf(file, specs, metadata)
            : CheckpointWriter.safetensors(file, specs, metadata)) {
      for (int i = 0; i < specs.size(); i++) {
        writer.write(specs.get(i).name(), MemorySegment.ofArray(contents.get(i)));
      }
      writer.commit();
    }
    try (Checkpoint read = Checkpoint.open(file)) {
      assertThat(read.names()).hasSize(specs.size());
      for (int i = 0; i < specs.size(); i++) {
        TensorSpec spec = specs.get(i);
        assertThat(read.entry(spec.name()).shape()).isEqualTo(spec.shape());
        assertThat(read.entry(spec.name()).dtype()).contains(spec.dtype());
        try (Mapped data = read.map(spec.name())) {
          assertThat(data.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(contents.get(i));
        }
      }
    }
  }

  @Test
  void writesShardsAndTheirIndex() throws Exception {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      specs.add(new TensorSpec("t" + i, DType.F32, Shape.of(2)));
    }
    try (CheckpointWriter writer = CheckpointWriter.shardedSafetensors(folder, specs, Metadata.empty(), 20)) {
      for (TensorSpec spec : specs) {
        writer.write(spec.name(), EIGHT);
      }
      assertThat(list()).allMatch(name -> name.endsWith(".part"));
      writer.commit();
    }
    assertThat(list())
        .containsExactlyInAnyOrder(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json");
    try (Checkpoint read = Checkpoint.open(folder)) {
      assertThat(read.names()).containsExactly("t0", "t1", "t2", "t3", "t4");
      assertThat(read.metadata().string("total_size")).isEqualTo("40");
      assertThat(read.entry("t3").file()).isEqualTo(folder.resolve("model-00002-of-00003.safetensors"));
    }
  }

  @Test
  void oneShardIsAPlainFile() throws Exception {
    List<TensorSpec> specs = List.of(new TensorSpec("w", DType.F32, Shape.of(2)));
    try (CheckpointWriter writer = CheckpointWriter.shardedSafetensors(folder, specs, Metadata.empty(), 1)) {
      writer.write("w", EIGHT);
      writer.commit();
    }
    assertThat(list()).containsExactly("model.safetensors");
    List<TensorSpec> two = List.of(specs.getFirst(), new TensorSpec("v", DType.F32, Shape.of(2)));
    assertThatThrownBy(() -> CheckpointWriter.shardedSafetensors(folder, two, Metadata.empty(), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("there is a model.safetensors, which readers prefer to shards; choose an empty folder");
  }

  @Test
  void aFailureAmongShardsLeavesNothing() throws Exception {
    List<TensorSpec> specs = List.of(new TensorSpec("a", DType.F32, Shape.of(2)), new TensorSpec("b", DType.F32, Shape.of(2)));
    try (CheckpointWriter writer = CheckpointWriter.shardedSafetensors(folder, specs, Metadata.empty(), 8)) {
      writer.write("a", EIGHT);
      assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
      assertThat(list()).as("what is not complete").allMatch(name -> name.endsWith(".part"));
      writer.write("b", EIGHT);
      Files.createDirectory(folder.resolve("model-00002-of-00002.safetensors")); // in the second one's place
      assertThatThrownBy(writer::commit)
          .isInstanceOf(CheckpointWriteException.class)
          .hasMessageContaining("model-00002-of-00002.safetensors: writing: ");
      assertThat(list()).as("the first one had appeared").containsExactly("model-00002-of-00002.safetensors");
    }
    assertThatThrownBy(() -> CheckpointWriter.shardedSafetensors(folder, specs, Metadata.empty(), 8))
        .isInstanceOf(CheckpointWriteException.class)
        .hasMessageContaining("there is a model-00002-of-00002.safetensors; choose an empty folder");
    assertThat(list()).containsExactly("model-00002-of-00002.safetensors");
  }

  @Test
  void leavesNothingBehindWithoutCommit() throws Exception {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "what was there before");
    List<TensorSpec> specs = List.of(new TensorSpec("w", DType.F32, Shape.of(2)));
    try (CheckpointWriter writer = CheckpointWriter.safetensors(file, specs, Metadata.empty())) {
      writer.write("w", EIGHT);
    }
    assertThat(list()).containsExactly("model.safetensors");
    assertThat(file).hasContent("what was there before");
  }

  @Test
  void replacesWhatWasThere() throws Exception {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "what was there before");
    List<TensorSpec> specs = List.of(new TensorSpec("w", DType.F32, Shape.of(2)));
    try (CheckpointWriter writer = CheckpointWriter.safetensors(file, specs, Metadata.empty())) {
      writer.write("w", EIGHT);
      writer.commit();
    }
    assertThat(list()).containsExactly("model.safetensors");
    try (Checkpoint read = Checkpoint.open(file);
        Mapped data = read.map("w")) {
      assertThat(data.segment().mismatch(EIGHT)).isEqualTo(-1);
    }
  }

  /** A file may be converted onto itself: what is mapped stays what it was. */
  @Test
  void writesOntoTheFileThatIsRead() throws Exception {
    Path file = folder.resolve("model.gguf");
    Files.copy(Path.of(getClass().getResource("/io/garut/tensor/quant/blocks.gguf").toURI()), file);
    byte[] before = Files.readAllBytes(file);
    copy(file, file);
    assertThat(file).hasBinaryContent(before);
  }

  @Test
  void refusesWrongUse() throws Exception {
    Path file = folder.resolve("model");
    TensorSpec w = new TensorSpec("w", DType.F32, Shape.of(2));
    try (CheckpointWriter writer = CheckpointWriter.safetensors(file, List.of(w), Metadata.empty())) {
      assertThatThrownBy(writer::commit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("1 tensors have not been written");
      assertThatThrownBy(() -> writer.write("v", EIGHT)).hasMessageContaining("'v' was not announced");
      assertThatThrownBy(() -> writer.write("w", EIGHT.asSlice(1))).hasMessageContaining("takes 8 bytes, not 7");
      writer.write("w", EIGHT);
      assertThatThrownBy(() -> writer.write("w", EIGHT)).hasMessageContaining("has been written already");
    }
    assertIllegal("two tensors are called 'w'", () -> CheckpointWriter.gguf(file, List.of(w, w), Metadata.empty()));
    assertIllegal("two tensors", () -> CheckpointWriter.safetensors(file, List.of(w, w), Metadata.empty()));
    TensorSpec block = new TensorSpec("q", DType.Q8_0, Shape.of(32));
    assertIllegal(
        "tensor 'q': safetensors cannot hold Q8_0; write GGUF, or F32",
        () -> CheckpointWriter.safetensors(file, List.of(block), Metadata.empty()));
    TensorSpec flags = new TensorSpec("b", DType.BOOL, Shape.of(2));
    assertIllegal("cannot hold BOOL", () -> CheckpointWriter.gguf(file, List.of(flags), Metadata.empty()));
    TensorSpec deep = new TensorSpec("d", DType.F32, Shape.of(1, 1, 1, 1, 1));
    assertIllegal("at most 4 dimensions", () -> CheckpointWriter.gguf(file, List.of(deep), Metadata.empty()));
    TensorSpec named = new TensorSpec("n".repeat(64), DType.F32, Shape.of(1));
    assertIllegal("at most 63 bytes", () -> CheckpointWriter.gguf(file, List.of(named), Metadata.empty()));
    Metadata numbers = Metadata.builder().uint32("n", 3).build();
    assertIllegal("holds strings only", () -> CheckpointWriter.safetensors(file, List.of(w), numbers));
    assertThatThrownBy(() -> new TensorSpec("q", DType.Q8_0, Shape.of(32, 33)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("tensor 'q': Q8_0 holds blocks of 32 elements, rows of [32, 33] have 33; write it as F32");
    assertThat(list()).isEmpty();
  }

  @Test
  void saysWhereItCannotWrite() throws Exception {
    Files.createDirectory(folder.resolve("taken"));
    assertThatThrownBy(() -> CheckpointWriter.gguf(folder.resolve("taken"), List.of(), Metadata.empty()))
        .isInstanceOf(CheckpointWriteException.class)
        .hasMessageContaining("taken: writing: there is a folder of this name; name a file");
    Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> CheckpointWriter.gguf(folder.resolve("file/x"), List.of(), Metadata.empty()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("writing");
  }

  private static void assertIllegal(String message, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
  }

  private static void copy(Path from, Path to) throws CheckpointException {
    try (Checkpoint checkpoint = Checkpoint.open(from)) {
      List<TensorSpec> specs = specs(checkpoint);
      try (CheckpointWriter writer = CheckpointWriter.gguf(to, specs, checkpoint.metadata())) {
        for (TensorSpec spec : specs) {
          try (Mapped data = checkpoint.map(spec.name())) {
            writer.write(spec.name(), data.segment());
          }
        }
        writer.commit();
      }
    }
  }

  private static List<TensorSpec> specs(Checkpoint checkpoint) throws CheckpointException {
    List<TensorSpec> specs = new ArrayList<>();
    for (String name : checkpoint.names()) {
      Entry entry = checkpoint.entry(name);
      entry.dtype().ifPresent(dtype -> specs.add(new TensorSpec(name, dtype, entry.shape())));
    }
    return specs;
  }

  private List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
