package io.garut.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.DType;
import io.garut.tensor.quant.BlockFormat;
import io.garut.tensor.quant.Elements;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch, safetensors and gguf-py have written, from the folder that GARUT_CONFORMANCE names. */
class ConformanceTest {
  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "Q8_0", "Q4_0"})
  void ggufDequantisesBitExactly(String type) throws Exception {
    Path folder = folder("gguf");
    try (Checkpoint gguf = Checkpoint.open(folder.resolve("model-" + type + ".gguf"));
        Checkpoint expected = Checkpoint.open(folder.resolve("dequantized-" + type + ".safetensors"))) {
      assertThat(gguf.format()).isEqualTo(Format.GGUF);
      assertThat(gguf.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      assertThat(gguf.metadata().string("general.architecture")).isEqualTo("gptneox");
      assertThat(gguf.metadata().integer("gptneox.block_count")).isEqualTo(3);
      assertThat(gguf.metadata().strings("tokenizer.ggml.tokens")).hasSize(512).startsWith("<0>", "<1>");
      for (String name : gguf.names()) {
        assertThat(gguf.entry(name).shape()).as(name).isEqualTo(expected.entry(name).shape());
        assertThat(floats(gguf, name)).as(name).isEqualTo(floats(expected, name));
      }
    }
  }

  /** The pack's quantised files are gguf-py's encoding of its F32 file. */
  @ParameterizedTest
  @ValueSource(strings = {"Q8_0", "Q4_0"})
  void ggufQuantisesBitExactly(String type) throws Exception {
    Path folder = folder("gguf");
    try (Checkpoint plain = Checkpoint.open(folder.resolve("model-F32.gguf"));
        Checkpoint quantised = Checkpoint.open(folder.resolve("model-" + type + ".gguf"))) {
      for (String name : quantised.names()) {
        DType dtype = quantised.entry(name).dtype().orElseThrow();
        if (dtype.isBlock()) {
          try (Mapped source = plain.map(name);
              Mapped expected = quantised.map(name)) {
            MemorySegment actual = MemorySegment.ofArray(new byte[(int) expected.segment().byteSize()]);
            long blocks = actual.byteSize() / dtype.blockBytes();
            BlockFormat.of(dtype).encode(source.segment(), 0, actual, 0, blocks);
            assertThat(actual.mismatch(expected.segment())).as(name).isEqualTo(-1);
          }
        }
      }
    }
  }

  /** The six forms of checkpoint, against plain readings of the same bytes by other libraries. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "sequential-residual",
        "tied-no-bias-gelu-new",
        "pythia-like-fp16-bin",
        "dolly-like-bf16-sharded-bin",
        "bf16-safetensors"
      })
  void everyWeightLoadsBitExactly(String model) throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(folder("models").resolve(model))) {
      assertThat(checkpoint.names()).contains("gpt_neox.embed_in.weight", "gpt_neox.final_layer_norm.bias");
      Map<Path, List<Entry>> files = new LinkedHashMap<>();
      for (String name : checkpoint.names()) {
        Entry entry = checkpoint.entry(name);
        files.computeIfAbsent(entry.file(), file -> new ArrayList<>()).add(entry);
      }
      for (Map.Entry<Path, List<Entry>> file : files.entrySet()) {
        Map<String, byte[]> expected =
            checkpoint.format() == Format.PYTORCH
                ? storages(file.getKey(), file.getValue())
                : slices(file.getKey(), file.getValue());
        for (Entry entry : file.getValue()) {
          if (entry.dtype().isPresent()) {
            assertThat(bytes(checkpoint, entry.name())).as(entry.name()).isEqualTo(expected.get(entry.name()));
          }
        }
      }
    }
  }

  /** torch.save numbers storages in the order of the dictionary, and these tensors share none. */
  private static Map<String, byte[]> storages(Path file, List<Entry> entries) throws IOException {
    Map<String, byte[]> bytes = new HashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String prefix = zip.entries().nextElement().getName().replaceFirst("/.*", "/data/");
      for (int i = 0; i < entries.size(); i++) {
        try (InputStream in = zip.getInputStream(zip.getEntry(prefix + i))) {
          bytes.put(entries.get(i).name(), in.readAllBytes());
        }
      }
    }
    return bytes;
  }

  private static Map<String, byte[]> slices(Path file, List<Entry> entries) throws IOException {
    ByteBuffer whole = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) whole.getLong(0);
    JsonNode json = new ObjectMapper().readTree(whole.array(), 8, header);
    Map<String, byte[]> bytes = new HashMap<>();
    for (Entry entry : entries) {
      JsonNode offsets = json.get(entry.name()).get("data_offsets");
      int from = 8 + header + offsets.get(0).intValue();
      bytes.put(entry.name(), Arrays.copyOfRange(whole.array(), from, 8 + header + offsets.get(1).intValue()));
    }
    return bytes;
  }

  private static byte[] bytes(Checkpoint checkpoint, String name) throws CheckpointException {
    try (Mapped data = checkpoint.map(name)) {
      return data.segment().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static int[] floats(Checkpoint checkpoint, String name) throws CheckpointException {
    Entry entry = checkpoint.entry(name);
    float[] floats = new float[(int) entry.shape().elements()];
    try (Mapped data = checkpoint.map(name)) {
      Elements.read(entry.dtype().orElseThrow(), data.segment(), 0, floats, 0, floats.length);
    }
    return MemorySegment.ofArray(floats).toArray(ValueLayout.JAVA_INT);
  }

  private static Path folder(String name) {
    String pack = System.getenv("GARUT_CONFORMANCE");
    assumeTrue(pack != null && Files.isDirectory(Path.of(pack)), "GARUT_CONFORMANCE names no folder");
    return Path.of(pack).resolve(name);
  }
}
