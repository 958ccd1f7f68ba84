package io.garut.transformer.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.op.Activation;
import io.garut.tensor.quant.Half;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.lora.LoraAdapter;
import io.garut.transformer.lora.LoraConfig;
import io.garut.transformer.tokenizer.AddedToken;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelWriterTest {
  @TempDir private Path temporary;

  @ParameterizedTest
  @CsvSource({"true,false", "false,true", "true,true", "false,false"})
  void configurationAndWeightsComeBack(boolean bias, boolean tied) throws IOException {
    NeoXConfig config = ConverterTest.awkward(bias, tied);
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.random(config, DType.F32, 5)) {
      ModelWriter.of(model).write(folder);
      assertThat(ConfigReader.json(folder.resolve("config.json"))).isEqualTo(config);
      assertSameBits(model, folder);
    }
  }

  @Test
  void everyFieldOfTheConfigurationIsWritten() throws IOException {
    RotaryConfig rotary = new RotaryConfig(1.0 / 3, 12345.678, new RotaryConfig.DynamicScaling(2.5));
    NeoXConfig config =
        new NeoXConfig(97, 48, 3, 4, 50, Activation.QUICK_GELU, rotary, 33, 1e-7, false, false, true, 3, List.of(5, 9));
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.random(config, DType.F32, 5)) {
      ModelWriter.of(model).write(folder);
    }
    assertThat(ConfigReader.json(folder.resolve("config.json"))).isEqualTo(config);
    JsonNode json = json(folder, "config.json");
    assertThat(json.path("architectures").path(0).asText()).isEqualTo("GPTNeoXForCausalLM");
    assertThat(json.path("torch_dtype").asText()).isEqualTo("float32");
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void trainedWeightsKeepTheirTypes(DType dtype) throws IOException {
    Path origin = temporary.resolve("origin");
    HubFolders.write(origin, ConverterTest.awkward(true, false), dtype, 7);
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.trainable(origin, dtype)) {
      ModelWriter.of(model).write(folder);
      assertSameBits(model, folder);
    }
    assertThat(json(folder, "config.json").path("torch_dtype").asText()).isEqualTo("float32"); // vectors are
    try (GptNeoX again = GptNeoX.trainable(folder, dtype)) {
      assertSameBits(again, folder);
    }
  }

  @Test
  void anotherTypeIsRoundedTo() throws IOException {
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.random(ConverterTest.plain(), DType.F32, 5)) {
      ModelWriter.of(model).dtype(DType.BF16).write(folder);
      Tensor weight = model.weights().get(3);
      float[] values = weight.toFloatArray();
      try (Checkpoint checkpoint = Checkpoint.open(folder);
          Mapped stored = checkpoint.map(weight.name())) {
        for (int i = 0; i < values.length; i++) {
          short bits = stored.segment().getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i);
          assertThat(bits).isEqualTo(Half.floatToBf16(values[i]));
        }
      }
    }
    assertThat(json(folder, "config.json").path("torch_dtype").asText()).isEqualTo("bfloat16");
  }

  @Test
  void aNumberThatDoesNotFitIsNamedAndNothingIsLeft() throws IOException {
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.random(ConverterTest.plain(), DType.F32, 5)) {
      Tensor weight = model.weights().get(5);
      weight.segment().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, 70, 70000f);
      assertThatThrownBy(() -> ModelWriter.of(model).dtype(DType.F16).write(folder))
          .hasMessageContaining(weight.name())
          .hasMessageContaining("does not fit into F16");
      weight.segment().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, 70, Float.NaN);
      assertThatThrownBy(() -> ModelWriter.of(model).write(folder))
          .isInstanceOf(CheckpointWriteException.class)
          .hasMessageContaining(weight.name());
    }
    assertThat(list(temporary)).isEmpty();
  }

  @Test
  void shardsHaveAnIndex() throws IOException {
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.random(ConverterTest.awkward(true, false), DType.F32, 5)) {
      ModelWriter.of(model).shardBytes(30_000).write(folder);
      assertThat(folder.resolve("model.safetensors.index.json")).exists();
      assertSameBits(model, folder);
    }
  }

  @Test
  void theTokenizersFilesComeFromTheOrigin() throws IOException {
    Path origin = origin();
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.trainable(origin, DType.F32)) {
      ModelWriter.of(model).filesOf(origin).write(folder);
    }
    for (String name : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      assertThat(folder.resolve(name)).hasSameBinaryContentAs(origin.resolve(name));
    }
  }

  @Test
  void theTokenizerOfAGgufFileIsWrittenOut() throws IOException {
    Path gguf = temporary.resolve("model.gguf");
    Converter.of(origin()).toGguf(gguf);
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.trainable(gguf, DType.F32)) {
      ModelWriter.of(model).filesOf(gguf).write(folder);
      assertThat(folder.resolve("tokenizer_config.json")).exists();
      int[] ids = ByteLevelBpe.open(folder).encode("the sheep");
      assertThat(ids).isEqualTo(model.tokenizer().orElseThrow().encode("the sheep"));
      assertSameBits(model, folder);
    }
  }

  @Test
  void aChangedTokenizerReplacesThatOfTheOrigin() throws IOException {
    Path origin = origin();
    Path folder = temporary.resolve("written");
    ByteLevelBpe changed = ByteLevelBpe.open(origin).withAddedTokens(List.of(AddedToken.special("### End")));
    try (GptNeoX model = GptNeoX.trainable(origin, DType.F32)) {
      ModelWriter.of(model).filesOf(origin).tokenizer(changed).write(folder);
    }
    assertThat(ByteLevelBpe.open(folder).id("### End")).hasValue(changed.vocabularySize() - 1);
    assertThat(folder.resolve("generation_config.json")).exists();
  }

  @Test
  void theModelsOwnTokenizerIsWrittenWhereThereIsNoOther() throws IOException {
    Path folder = temporary.resolve("written");
    try (GptNeoX model = GptNeoX.trainable(origin(), DType.F32)) {
      ModelWriter.of(model).write(folder);
      assertThat(ByteLevelBpe.open(folder).encode("the sheep"))
          .isEqualTo(model.tokenizer().orElseThrow().encode("the sheep"));
    }
  }

  @Test
  void whatCannotBeWrittenIsRefused() throws IOException {
    Path gguf = temporary.resolve("model.gguf");
    Path origin = origin();
    Converter.of(origin).toGguf(gguf);
    Path folder = temporary.resolve("written");
    try (GptNeoX stacked = GptNeoX.load(gguf)) {
      assertThatThrownBy(() -> ModelWriter.of(stacked).write(folder)).hasMessageContaining("GGUF");
    }
    try (GptNeoX adapted = GptNeoX.trainable(origin, DType.F32)) {
      LoraAdapter adapter = LoraAdapter.fresh(adapted, new LoraConfig(2, 4, LoraConfig.TARGETS, false), 1);
      assertThatThrownBy(() -> ModelWriter.of(adapted).write(folder)).hasMessageContaining("merge the adapter");
      adapter.merge();
      ModelWriter.of(adapted).write(temporary.resolve("merged"));
    }
    try (GptNeoX prepared = GptNeoX.open(origin)) {
      ModelWriter writer = ModelWriter.of(prepared);
      assertThatThrownBy(() -> writer.dtype(DType.Q8_0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.write(folder)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> writer.write(origin)).hasCauseInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(list(temporary)).containsExactlyInAnyOrder(origin, gguf, temporary.resolve("merged"));
  }

  private Path origin() throws IOException {
    Path origin = temporary.resolve("origin");
    HubFolders.write(origin, ConverterTest.awkward(true, false), DType.F32, 7);
    HubFolders.addTokenizer(origin, 300);
    Files.writeString(origin.resolve("tokenizer_config.json"), "{\"model_max_length\": 40}");
    Files.writeString(origin.resolve("generation_config.json"), "{\"eos_token_id\": 0}");
    return origin;
  }

  private static void assertSameBits(GptNeoX model, Path folder) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).hasSize(model.weights().size());
      for (Tensor weight : model.weights()) {
        try (Mapped stored = checkpoint.map(weight.name())) {
          assertThat(checkpoint.entry(weight.name()).type()).as(weight.name()).isEqualTo(weight.dtype().name());
          assertThat(stored.segment().mismatch(weight.segment())).as(weight.name()).isEqualTo(-1);
        }
      }
    }
  }

  private static JsonNode json(Path folder, String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
