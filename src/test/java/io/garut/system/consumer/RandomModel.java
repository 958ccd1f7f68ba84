package io.garut.system.consumer;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.op.Activation;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A tiny model that knows nothing, as the hub has models. */
final class RandomModel {
  private static final NeoXConfig SHAPE =
      new NeoXConfig(
          300,
          32,
          2,
          2,
          64,
          Activation.GELU,
          new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled()),
          512,
          1e-5,
          true,
          true,
          false,
          0,
          0);

  private static final String CONFIG =
      """
      {
        "architectures": ["GPTNeoXForCausalLM"],
        "model_type": "gpt_neox",
        "vocab_size": 300,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "hidden_act": "gelu",
        "max_position_embeddings": 512,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "torch_dtype": "float32"
      }
      """;

  private RandomModel() {}

  /** Writes config.json, tokenizer.json and model.safetensors. */
  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    ByteLevelBpe tokenizer =
        BpeTrainer.ofSize(300).train(List.of("Once upon a time there was a sheep. Once upon a time…").iterator());
    tokenizer.save(folder.resolve("tokenizer.json"));
    try (GptNeoX model = GptNeoX.random(SHAPE, DType.F32, 3)) {
      List<TensorSpec> specs =
          model.weights().stream().map(w -> new TensorSpec(w.name(), w.dtype(), w.shape())).toList();
      Path file = folder.resolve("model.safetensors");
      try (CheckpointWriter writer = CheckpointWriter.safetensors(file, specs, Metadata.of(Map.of("format", "pt")))) {
        for (Tensor weight : model.weights()) {
          writer.write(weight.name(), weight.segment());
        }
        writer.commit();
      }
    }
  }
}
