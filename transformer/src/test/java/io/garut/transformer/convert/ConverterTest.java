package io.garut.transformer.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.DType;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.op.Activation;
import io.garut.tensor.quant.Half;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConverterTest {
  @TempDir private Path temporary;

  /** Three heads of ten elements: rows of 30 and 50 elements are no whole blocks. */
  static NeoXConfig awkward(boolean bias, boolean tied) {
    RotaryConfig rotary = new RotaryConfig(0.4, 10000, new RotaryConfig.LinearScaling(2));
    List<Integer> ends = List.of(0, 7);
    return new NeoXConfig(311, 30, 2, 3, 50, Activation.RELU, rotary, 40, 1e-5, false, bias, tied, 0, ends);
  }

  static NeoXConfig plain() {
    RotaryConfig rotary = new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled());
    return new NeoXConfig(311, 64, 2, 4, 96, Activation.GELU, rotary, 40, 1e-5, true, true, false, 0, 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void thereAndBackIsTheSameModel(DType dtype) throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, awkward(true, false), dtype, 1);
    HubFolders.addTokenizer(model, 300, "### End");
    Path gguf = temporary.resolve("model.gguf");
    Path back = temporary.resolve("back");

    Converter.of(model).toGguf(gguf);
    Converter.of(gguf).toFolder(back);

    assertSameWeights(model, back);
    assertThat(ConfigReader.json(back.resolve("config.json")).eosTokenIds()).containsExactly(0, 7);
    assertThat(back.resolve("tokenizer.json")).hasSameTextualContentAs(model.resolve("tokenizer.json"));
    NeoXConfig config = ConfigReader.json(model.resolve("config.json"));
    try (Checkpoint checkpoint = Checkpoint.open(gguf)) {
      assertThat(ConfigReader.gguf(checkpoint).rotatedElements()).isEqualTo(config.rotatedElements());
    }
    assertThat(ConfigReader.json(back.resolve("config.json"))).isEqualTo(config);
  }

  private static void assertSameWeights(Path a, Path b) throws IOException {
    try (Checkpoint one = Checkpoint.open(a);
        Checkpoint other = Checkpoint.open(b)) {
      assertThat(other.names()).containsExactlyInAnyOrderElementsOf(one.names());
      for (String name : one.names()) {
        try (Mapped x = one.map(name);
            Mapped y = other.map(name)) {
          assertThat(other.entry(name).type()).as(name).isEqualTo(one.entry(name).type());
          assertThat(x.segment().mismatch(y.segment())).as(name).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void ggufHasTheHeadAndTheBiasesThatLlamaCppInsistsOn() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, awkward(false, true), DType.F32, 2);
    Path gguf = temporary.resolve("model.gguf");
    Converter.of(model).toGguf(gguf);
    try (Checkpoint checkpoint = Checkpoint.open(gguf);
        Mapped head = checkpoint.map("output.weight");
        Mapped embedding = checkpoint.map("token_embd.weight");
        Mapped bias = checkpoint.map("blk.1.attn_qkv.bias")) {
      assertThat(head.segment().mismatch(embedding.segment())).isEqualTo(-1);
      for (long i = 0; i < bias.segment().byteSize(); i++) {
        assertThat(bias.segment().get(ValueLayout.JAVA_BYTE, i)).isZero();
      }
    }
  }

  @Test
  void ggufSaysWhatLlamaCppAsksFor() throws IOException {
    Path model = temporary.resolve("sheep-1m");
    HubFolders.write(model, awkward(true, false), DType.F16, 3);
    HubFolders.addTokenizer(model, 300, "### End");
    Path gguf = temporary.resolve("model.gguf");
    Converter.of(model).toGguf(gguf);
    try (Checkpoint checkpoint = Checkpoint.open(gguf)) {
      Metadata data = checkpoint.metadata();
      assertThat(data.string("general.architecture")).isEqualTo("gptneox");
      assertThat(data.string("general.name")).isEqualTo("sheep-1m");
      assertThat(data.integer("general.file_type")).isEqualTo(1);
      assertThat(data.integer("gptneox.context_length")).isEqualTo(40);
      assertThat(data.integer("gptneox.embedding_length")).isEqualTo(30);
      assertThat(data.integer("gptneox.block_count")).isEqualTo(2);
      assertThat(data.integer("gptneox.feed_forward_length")).isEqualTo(50);
      assertThat(data.integer("gptneox.rope.dimension_count")).isEqualTo(4);
      assertThat(data.integer("gptneox.attention.head_count")).isEqualTo(3);
      assertThat(data.flag("gptneox.use_parallel_residual")).isFalse();
      assertThat(data.real("gptneox.attention.layer_norm_epsilon")).isEqualTo(1e-5f);
      assertThat(data.string("gptneox.rope.scaling.type")).isEqualTo("linear");
      assertThat(data.real("gptneox.rope.scaling.factor")).isEqualTo(2);
      assertThat(data.has("gptneox.rope.freq_base")).as("10000 goes without saying").isFalse();
      assertThat(data.string("gptneox.hidden_act")).isEqualTo("relu");
      assertThat(data.string("tokenizer.ggml.model")).isEqualTo("gpt2");
      assertThat(data.strings("tokenizer.ggml.tokens")).hasSize(311).startsWith("<|endoftext|>", "### End");
      assertThat(data.integers("tokenizer.ggml.token_type")).hasSize(311).startsWith(3, 3, 1).endsWith(5);
      assertThat(data.strings("tokenizer.ggml.merges")).isNotEmpty();
      assertThat(data.integer("tokenizer.ggml.bos_token_id")).isZero();
      assertThat(data.integer("tokenizer.ggml.eos_token_id")).isZero();
      assertThat(data.integer("tokenizer.ggml.eot_token_id")).isEqualTo(1);
      assertThat(data.string("tokenizer.huggingface.json"))
          .isEqualTo(Files.readString(model.resolve("tokenizer.json")));
    }
  }

  @Test
  void configKeepsWhatGarutDoesNotKnow() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 4);
    Files.writeString(model.resolve("generation_config.json"), "{\"top_p\": 0.92}");
    Path copy = temporary.resolve("copy");
    Conversion done = Converter.of(model).type(DType.F16).toFolder(copy);
    JsonNode config = new ObjectMapper().readTree(copy.resolve("config.json").toFile());
    assertThat(config.get("a_key_that_nobody_knows")).hasSize(2);
    assertThat(config.get("torch_dtype").asText()).isEqualTo("float16");
    assertThat(copy.resolve("generation_config.json")).content().isEqualTo("{\"top_p\": 0.92}");
    assertThat(done.notes()).singleElement().asString().contains("without a tokenizer");
    assertThat(done.weights()).isEqualTo(28);
  }

  @Test
  void largeModelsComeInShards() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 5);
    Path copy = temporary.resolve("copy");
    Converter.of(model).shardBytes(100_000).toFolder(copy);
    assertThat(names(copy)).contains("model-00001-of-00005.safetensors", "model.safetensors.index.json");
    assertSameWeights(model, copy);

    // where there were shards, one file takes their place
    Converter.of(model).overwrite(true).toFolder(copy);
    assertThat(names(copy)).containsExactlyInAnyOrder("config.json", "model.safetensors");
    // and the other way round
    Converter.of(model).overwrite(true).shardBytes(100_000).toFolder(copy);
    assertThat(names(copy)).doesNotContain("model.safetensors");
    assertSameWeights(model, copy);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void aNumberTooLargeForF16IsNamed() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 6);
    poke(model, "gpt_neox.layers.1.attention.query_key_value.weight", 5 * 64 + 7, Float.floatToIntBits(65520f));
    Path gguf = temporary.resolve("model.gguf");
    assertThatThrownBy(() -> Converter.of(model).type(DType.F16).toGguf(gguf))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("'gpt_neox.layers.1.attention.query_key_value.weight', element [5, 7]")
        .hasMessageContaining("is 65520.0, which does not fit into F16");
    Path folder = temporary.resolve("copy");
    assertThatThrownBy(() -> Converter.of(model).type(DType.F16).toFolder(folder)).hasMessageContaining("[5, 7]");
    assertThat(names(temporary)).as("nothing is left").containsExactly("model");

    Converter.of(model).type(DType.BF16).toGguf(gguf); // reaches as far as F32
    poke(model, "gpt_neox.layers.1.attention.query_key_value.weight", 5 * 64 + 7, Float.floatToIntBits(65519f));
    Converter.of(model).type(DType.F16).overwrite(true).toGguf(gguf); // rounds to 65504
    try (Checkpoint checkpoint = Checkpoint.open(gguf);
        Mapped mapped = checkpoint.map("blk.1.attn_qkv.weight")) {
      short largest = Half.floatToF16(65504f);
      assertThat(mapped.segment().toArray(ValueLayout.JAVA_SHORT_UNALIGNED)).containsOnlyOnce(largest);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void numbersThatAreNotFiniteAreNamed(boolean quantised) throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 7);
    poke(model, "embed_out.weight", 3 * 64 + 1, Float.floatToIntBits(Float.NaN));
    Path gguf = temporary.resolve("model.gguf");
    Converter converter = Converter.of(model);
    assertThatThrownBy(() -> (quantised ? converter.type(DType.Q8_0) : converter).toGguf(gguf))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'embed_out.weight', element [3, 1]: is NaN");
    assertThat(names(temporary)).containsExactly("model");
  }

  /** Changes the bits of one F32 element. */
  private static void poke(Path model, String tensor, long element, int bits) throws IOException {
    long offset;
    Path file;
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      offset = checkpoint.entry(tensor).offset() + 4 * element;
      file = checkpoint.entry(tensor).file();
    }
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(offset);
      access.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bits).array());
    }
  }

  @Test
  void whatIsThereStaysUnlessItMayBeOverwritten() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 8);
    Path gguf = Files.writeString(temporary.resolve("mine.gguf"), "mine");
    Path folder = Files.createDirectories(temporary.resolve("ours"));
    Files.writeString(folder.resolve("poem.txt"), "mine");
    assertThatThrownBy(() -> Converter.of(model).toGguf(gguf))
        .hasMessageContaining("is there already")
        .hasCauseInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Converter.of(model).toFolder(folder)).hasMessageContaining("is there already");
    assertThat(gguf).content().isEqualTo("mine");

    Converter.of(model).overwrite(true).toGguf(gguf);
    Converter.of(model).overwrite(true).toFolder(folder);
    assertThat(names(folder)).contains("poem.txt", "model.safetensors");
    for (Path own : List.of(model, model.resolve("model.safetensors"))) {
      assertThatThrownBy(() -> Converter.of(model).overwrite(true).toFolder(own))
          .as("overwriting the model itself")
          .isInstanceOf(CheckpointException.class);
    }
    assertThatThrownBy(() -> Converter.of(gguf).overwrite(true).toGguf(gguf))
        .hasMessageContaining("is the model itself");
  }

  @Test
  void aModelInAFolderIsReplacedWhole() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 11);
    Path folder = temporary.resolve("ours");
    HubFolders.write(folder, awkward(true, false), DType.F32, 12);
    HubFolders.addTokenizer(folder, 300, "### End");
    Files.writeString(folder.resolve("poem.txt"), "mine");
    Converter.of(model).overwrite(true).toFolder(folder);
    assertThat(names(folder))
        .as("the tokenizer of the old model is gone")
        .containsExactlyInAnyOrder("poem.txt", "config.json", "model.safetensors");
    assertSameWeights(model, folder);
    assertThat(names(temporary)).containsExactlyInAnyOrder("model", "ours");
  }

  @Test
  void aModelThatCannotBeReplacedStays() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("ours"));
    Files.writeString(folder.resolve("model.safetensors"), "old");
    Files.createDirectories(folder.resolve("notes.json/inside")); // in the way of a new file
    try (StagedFolder staged = StagedFolder.create(folder)) {
      Files.writeString(staged.path().resolve("model.safetensors"), "new");
      Files.writeString(staged.path().resolve("notes.json"), "new");
      assertThatThrownBy(staged::commit)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("cannot be put in its place");
    }
    assertThat(folder.resolve("model.safetensors")).content().isEqualTo("old");
    assertThat(names(folder)).containsExactlyInAnyOrder("model.safetensors", "notes.json");
    assertThat(names(temporary)).containsExactly("ours");
  }

  @Test
  void filesAndFoldersDoNotReplaceEachOther() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 13);
    Path file = Files.writeString(temporary.resolve("file"), "mine");
    Path folder = Files.createDirectories(temporary.resolve("folder.gguf"));
    ConversionListener never = (weight, done, total) -> assertThat(weight).as("work was begun").isNull();
    Converter converter = Converter.of(model).overwrite(true).listener(never);
    assertThatThrownBy(() -> converter.toFolder(file)).hasMessageContaining("is a file");
    assertThatThrownBy(() -> converter.toGguf(folder)).hasMessageContaining("is a folder");
    assertThat(file).content().isEqualTo("mine");
  }

  @Test
  void anEndedConversionLeavesNothing() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F32, 9);
    List<String> heard = new ArrayList<>();
    ConversionListener listener =
        new ConversionListener() {
          @Override
          public void progress(String weight, long done, long total) {
            heard.add(weight);
          }

          @Override
          public boolean cancelled() {
            return heard.size() > 5;
          }
        };
    Converter converter = Converter.of(model).listener(listener);
    assertThatThrownBy(() -> converter.toGguf(temporary.resolve("a.gguf"))).isInstanceOf(CancellationException.class);
    assertThat(heard).hasSize(6).startsWith("token_embd.weight");
    assertThatThrownBy(() -> converter.toFolder(temporary.resolve("a"))).isInstanceOf(CancellationException.class);
    assertThat(names(temporary)).containsExactly("model");
  }

  @Test
  void foldersHoldNoBlocks() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, plain(), DType.F16, 10);
    assertThatThrownBy(() -> Converter.of(model).type(DType.Q8_0).toFolder(temporary.resolve("copy")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("write a GGUF file");
    // what is quantised already comes out as the numbers it stands for
    Path gguf = temporary.resolve("model.gguf");
    Quantizer.of(model, DType.Q8_0).write(gguf);
    Path copy = temporary.resolve("copy");
    Converter.of(gguf).toFolder(copy);
    try (ModelFiles files = ModelFiles.open(copy)) {
      assertThat(files.checkpoint().entry("embed_out.weight").dtype()).contains(DType.F32);
    }
    Path again = temporary.resolve("again.gguf");
    Converter.of(copy).type(DType.Q8_0).toGguf(again);
    assertSameWeights(gguf, again);
  }
}
