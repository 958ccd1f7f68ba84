package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.TokenBatch;
import io.garut.transformer.lora.LoraAdapter;
import io.garut.transformer.lora.LoraConfig;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PEFT's adapters, both ways, beside the base and merged into it; the bound is the pack's. */
class LoraConformanceTest {
  private static final double FORWARD = 1e-5; // relative, Frobenius

  @TempDir private Path folder;

  @Test
  void besideTheBaseAndMerged() throws IOException {
    Path base = Conformance.path("models/base");
    try (GptNeoX model = GptNeoX.trainable(base, DType.F32);
        GptNeoX prepared = GptNeoX.load(base)) {
      check(model, false);
      LoraAdapter adapter = LoraAdapter.load(model, base.resolve("adapter"));
      LoraAdapter.load(prepared, base.resolve("adapter"));
      prepared.prepare();
      check(prepared, true);
      check(model, true);
      adapter.merge();
      check(model, true);
    }
  }

  /** Whether the logits are those with the adapter, or without it. */
  private static void check(GptNeoX model, boolean adapted) throws IOException {
    try (Checkpoint expected = Checkpoint.open(Conformance.path("models/base").resolve("lora-forward.safetensors"));
        TensorScope _ = TensorScope.open()) {
      long[] ids = Conformance.longs(expected, "input_ids");
      int[] row = IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray();
      float[] logits = model.logits(model.hidden(TokenBatch.sequences(row), null)).toFloatArray();
      double error = Conformance.relativeError(logits, Conformance.floats(expected, "logits"));
      if (adapted) {
        assertThat(error).isLessThanOrEqualTo(FORWARD);
      } else {
        assertThat(error).isGreaterThan(100 * FORWARD);
      }
    }
  }

  /** In a file the rows of the fused projection are the hub's, whatever order the base has them in. */
  @ParameterizedTest
  @ValueSource(strings = {"models/base", "gguf/model-F32.gguf"})
  void writesWhatItReads(String base) throws IOException {
    Path original = Conformance.path("models/base").resolve("adapter");
    try (GptNeoX model = load(base)) {
      LoraAdapter.load(model, original).save(folder.resolve("copy"), "base");
      check(model, true);
    }
    try (Checkpoint written = Checkpoint.open(folder.resolve("copy").resolve("adapter_model.safetensors"));
        Checkpoint read = Checkpoint.open(original.resolve("adapter_model.safetensors"))) {
      assertThat(written.names()).containsExactlyInAnyOrderElementsOf(read.names());
      for (String name : read.names()) {
        assertThat(Conformance.floats(written, name)).as(name).isEqualTo(Conformance.floats(read, name));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"models/base", "models/bf16-safetensors", "gguf/model-Q8_0.gguf", "gguf/model-Q4_0.gguf"})
  void trainsBesideAFrozenBase(String base) throws IOException {
    try (GptNeoX model = load(base)) {
      List<Tensor> frozen = List.copyOf(model.weights());
      LoraConfig config = new LoraConfig(4, 8, LoraConfig.TARGETS, false);
      LoraAdapter adapter = LoraAdapter.fresh(model, config, 1);
      Example example = Example.of(IntStream.range(0, 24).map(i -> 3 + i * 7 % 50).toArray());
      List<byte[]> before = frozen.stream().map(LoraConformanceTest::bytes).toList();
      try (Trainer trainer = new Trainer(model, adapter.parameters(), TrainingOptions.adamW(1e-2))) {
        double first = trainer.step(List.of(List.of(example))).loss();
        double last = first;
        for (int step = 0; step < 20; step++) {
          last = trainer.step(List.of(List.of(example))).loss();
        }
        assertThat(last).as("the loss, %s at first", first).isLessThan(first / 2);
      }
      assertThat(frozen.stream().map(LoraConformanceTest::bytes).toList()).usingRecursiveComparison().isEqualTo(before);
      adapter.save(folder.resolve("adapter"), base);
    }
    try (GptNeoX again = load(base)) {
      assertThat(LoraAdapter.load(again, folder.resolve("adapter")).config().rank()).isEqualTo(4);
    }
  }

  /** Without a tokenizer, which the pack's GGUF files have none of. */
  private static GptNeoX load(String name) throws IOException {
    try (ModelFiles files = ModelFiles.open(Conformance.path(name))) {
      return new GptNeoX(files.config(), files.weights(), null);
    }
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void refusesWhatItWouldIgnore() throws IOException {
    Path original = Conformance.path("models/base").resolve("adapter");
    String config = Files.readString(original.resolve("adapter_config.json"));
    for (String[] change : new String[][] {
      {"\"use_dora\": false", "\"use_dora\": true", "use_dora"},
      {"\"bias\": \"none\"", "\"bias\": \"all\"", "bias"},
      {"\"rank_pattern\": {}", "\"rank_pattern\": {\"dense\": 2}", "rank_pattern"},
      {"\"peft_type\": \"LORA\"", "\"peft_type\": \"IA3\"", "peft_type"},
      {"\"r\": 4", "\"r\": 5", "lora_A.weight"},
      {"\"r\": 4", "\"r\": 0", "above 0"}
    }) {
      assertThat(config).contains(change[0]);
      Files.writeString(folder.resolve("adapter_config.json"), config.replace(change[0], change[1]));
      Path weights = folder.resolve("adapter_model.safetensors");
      Files.write(weights, Files.readAllBytes(original.resolve("adapter_model.safetensors")));
      try (GptNeoX model = load("models/base")) {
        assertThatThrownBy(() -> LoraAdapter.load(model, folder))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining(change[2]);
      }
    }
  }
}
