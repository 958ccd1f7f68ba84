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
import io.garut.transformer.tokenizer.BpeTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A small random model in Hugging Face's form, with a tokenizer, for the tests of the command. */
final class TinyModel {
  static final String TEXT =
      "Once upon a time there was a sheep, and the sheep was the king of the hill. Why do sheep flock together?";

  private static final int VOCABULARY = 311;
  private static final int CONTEXT = 192;

  private TinyModel() {}

  /** Writes the model; {@code dolly} gives its tokenizer Dolly's tokens. */
  static Path write(Path folder, boolean dolly) throws IOException {
    Files.createDirectories(folder);
    RotaryConfig rotary = new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled());
    NeoXConfig config =
        new NeoXConfig(VOCABULARY, 64, 2, 4, 96, Activation.GELU, rotary, CONTEXT, 1e-5, true, true, false, 0, 0);
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
          writer.write(weight.name(), weight.segment());
        }
        writer.commit();
      }
    }
    List<String> special =
        dolly
            ? List.of("<|endoftext|>", "### End", "### Instruction:", "### Response:\n")
            : List.of("<|endoftext|>");
    BpeTrainer.ofSize(300).specialTokens(special).train(List.of(TEXT, TEXT).iterator())
        .save(folder.resolve("tokenizer.json"));
    return folder;
  }
}
