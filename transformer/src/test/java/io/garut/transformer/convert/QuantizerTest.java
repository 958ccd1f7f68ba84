package io.garut.transformer.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Mapped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {
  @TempDir private Path temporary;

  /** The pack's GGUF files were made by gguf-py from the weights of models/base. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
  void theConformancePacksGgufFilesToTheBit(DType type) throws IOException {
    String pack = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(pack != null, "gguf/model-" + type + ".gguf: GARUT_CONFORMANCE names no folder");
    Path made = temporary.resolve("base.gguf");
    Converter.of(Path.of(pack, "models", "base")).type(type).toGguf(made);
    try (Checkpoint mine = Checkpoint.open(made);
        Checkpoint theirs = Checkpoint.open(Path.of(pack, "gguf", "model-" + type + ".gguf"))) {
      assertThat(mine.names()).containsExactlyElementsOf(theirs.names());
      for (String name : theirs.names()) {
        assertThat(mine.entry(name).type()).as(name).isEqualTo(theirs.entry(name).type());
        try (Mapped x = mine.map(name);
            Mapped y = theirs.map(name)) {
          assertThat(x.segment().mismatch(y.segment())).as(name).isEqualTo(-1);
        }
      }
      for (String key : theirs.metadata().keys()) {
        if (!key.startsWith("tokenizer.") && !key.equals("general.name")) {
          assertThat(mine.metadata().find(key)).as(key).isEqualTo(theirs.metadata().find(key));
        }
      }
    }
  }

  @Test
  void rowsThatAreNoWholeBlocksStayAsTheyAre() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, ConverterTest.awkward(true, false), DType.F32, 1); // rows of 30 and 50
    Path gguf = temporary.resolve("model.gguf");
    Conversion done = Quantizer.of(model, DType.Q4_0).write(gguf);
    assertThat(done.notes())
        .contains("blk.0.ffn_down.weight is F16: its rows of 50 elements are no whole blocks of Q4_0.");
    try (Checkpoint checkpoint = Checkpoint.open(gguf)) {
      assertThat(checkpoint.entry("blk.0.ffn_down.weight").type()).isEqualTo("F16");
      assertThat(checkpoint.entry("blk.0.ffn_down.bias").type()).isEqualTo("F32");
    }
  }

  @Test
  void embeddingAndHeadMayBeFiner() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, ConverterTest.plain(), DType.F32, 2);
    Path gguf = temporary.resolve("model.gguf");
    Quantizer.of(model, DType.Q4_0).embedding(DType.F16).head(DType.Q8_0).write(gguf);
    try (Checkpoint checkpoint = Checkpoint.open(gguf)) {
      assertThat(checkpoint.entry("token_embd.weight").type()).isEqualTo("F16");
      assertThat(checkpoint.entry("output.weight").type()).isEqualTo("Q8_0");
      assertThat(checkpoint.entry("blk.1.attn_qkv.weight").type()).isEqualTo("Q4_0");
      assertThat(checkpoint.metadata().integer("general.quantization_version")).isEqualTo(2);
    }
  }

  @Test
  void quantisingTwiceMustBeMeant() throws IOException {
    Path model = temporary.resolve("model");
    HubFolders.write(model, ConverterTest.plain(), DType.F32, 3);
    Path once = temporary.resolve("once.gguf");
    Path twice = temporary.resolve("twice.gguf");
    Quantizer.of(model, DType.Q8_0).write(once);
    assertThatThrownBy(() -> Quantizer.of(once, DType.Q4_0).write(twice))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is Q8_0 already");
    assertThat(Files.exists(twice)).isFalse();
    Quantizer.of(once, DType.Q4_0).again(true).write(twice);
    try (Checkpoint checkpoint = Checkpoint.open(twice)) {
      assertThat(checkpoint.metadata().integer("general.file_type")).isEqualTo(2);
    }
  }

  @Test
  void onlyWhatCanBeWritten() {
    Path model = temporary.resolve("model");
    assertThatThrownBy(() -> Quantizer.of(model, DType.Q4_K)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Quantizer.of(model, DType.F16)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Converter.of(model).type(DType.Q6_K)).isInstanceOf(IllegalArgumentException.class);
  }
}
