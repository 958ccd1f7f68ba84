package io.garut.cli;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.op.Activation;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.WeightNames;
import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A small random model in Hugging Face's form, with a tokenizer, for the tests of the command. */
final class TinyModel {
  static final String TEXT =
      "Once upon a time there was a sheep, and the sheep was the king of the hill. Why do sheep flock together?";

  private static final int VOCABULARY = 311;
  private static final int WIDTH = 64;
  private static final int CONTEXT = 192;

  private TinyModel() {}

  /** Writes the model; {@code dolly} gives its tokenizer Dolly's tokens. */
  static Path write(Path folder, boolean dolly) throws IOException {
    writeTokenizer(folder, dolly, TEXT);
    return writeModel(folder, (name, values) -> {});
  }

  /**
   * Writes a model without Dolly's tokens that says {@code text}, of words that come once, after the end of a line: its
   * blocks add nothing, and the head's row of a token is the embedding of what it follows.
   */
  static Path writeSaying(Path folder, String text) throws IOException {
    ByteLevelBpe tokenizer = writeTokenizer(folder, false, text.repeat(9)); // whole words become tokens
    int[] chain = tokenizer.encode("\n" + text);
    float[] embedding = new float[VOCABULARY * WIDTH];
    return writeModel(
        folder,
        (name, values) -> {
          if (name.equals(WeightNames.EMBEDDING)) {
            System.arraycopy(values, 0, embedding, 0, values.length);
          } else if (name.equals(WeightNames.HEAD)) {
            Arrays.fill(values, 0);
            for (int i = 1; i < chain.length; i++) {
              for (int j = 0; j < WIDTH; j++) {
                values[chain[i] * WIDTH + j] = 100 * embedding[chain[i - 1] * WIDTH + j];
              }
            }
          } else if (!name.contains("norm")) {
            Arrays.fill(values, 0);
          }
        });
  }

  private static ByteLevelBpe writeTokenizer(Path folder, boolean dolly, String text) throws IOException {
    Files.createDirectories(folder);
    List<String> special =
        dolly
            ? List.of("<|endoftext|>", "### End", "### Instruction:", "### Response:\n")
            : List.of("<|endoftext|>");
    ByteLevelBpe tokenizer = BpeTrainer.ofSize(300).specialTokens(special).train(List.of(text, text).iterator());
    tokenizer.save(folder.resolve("tokenizer.json"));
    return tokenizer;
  }

  private static Path writeModel(Path folder, BiConsumer<String, float[]> change) throws IOException {
    RotaryConfig rotary = new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled());
    NeoXConfig config =
        new NeoXConfig(VOCABULARY, WIDTH, 2, 4, 96, Activation.GELU, rotary, CONTEXT, 1e-5, true, true, false, 0, 0);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 311, "hidden_size": 64,
         "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96, "hidden_act": "gelu",
         "rotary_pct": 0.25, "rotary_emb_base": 10000, "max_position_embeddings": 192, "layer_norm_eps": 1e-05,
         "use_parallel_residual": true, "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float32"}
        """);
    try (GptNeoX model = GptNeoX.random(config, DType.F32, 5)) {
      List<TensorSpec> specs = new ArrayList<>();
      model.weights().forEach(weight -> specs.add(new TensorSpec(weight.name(), weight.dtype(), weight.shape())));
      Metadata metadata = Metadata.of(Map.of("format", "pt"));
      try (CheckpointWriter writer =
          CheckpointWriter.safetensors(folder.resolve("model.safetensors"), specs, metadata)) {
        for (Tensor weight : model.weights()) {
          float[] values = weight.toFloatArray();
          change.accept(weight.name(), values);
          try (Tensor changed = Tensor.of(values)) {
            writer.write(weight.name(), changed.segment());
          }
        }
        writer.commit();
      }
    }
    return folder;
  }
}
