package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.quant.Elements;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.WeightNames;
import io.garut.transformer.tokenizer.BpeTrainer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Hugging Face folders with random models, for tests. */
public final class HubFolders {
  private static final List<String> TEXTS =
      List.of(
          "Once upon a time there was a sheep, and the sheep was the king of the hill.",
          "Why do sheep flock together? The sheep of the hill, the sheep of the town, the sheep upon the time.");

  private HubFolders() {}

  /** Writes a model of {@code config} with weights in {@code dtype} and no tokenizer. */
  public static void write(Path folder, NeoXConfig config, DType dtype, long seed) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), json(config, dtype));
    List<TensorSpec> specs = new ArrayList<>();
    WeightNames.of(config).forEach((name, shape) -> specs.add(new TensorSpec(name, dtype, shape)));
    try (CheckpointWriter writer =
        CheckpointWriter.safetensors(
            folder.resolve("model.safetensors"), specs, Metadata.of(Map.of("format", "pt")))) {
      for (TensorSpec spec : specs) {
        writer.write(spec.name(), random(spec, seed));
      }
      writer.commit();
    }
  }

  private static MemorySegment random(TensorSpec spec, long seed) {
    float[] values = new float[Math.toIntExact(spec.shape().elements())];
    for (int i = 0; i < values.length; i++) {
      float centre = spec.name().endsWith("norm.weight") ? 1 : 0;
      values[i] = centre + 0.2f * (float) (SplitMix64.uniform(seed + spec.name().hashCode(), i) - 0.5);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(spec.byteLength())]);
    Elements.write(spec.dtype(), values, 0, bytes, 0, values.length);
    return bytes;
  }

  /** Adds a small tokenizer of at most {@code size} tokens, {@code <|endoftext|>} being 0. */
  public static void addTokenizer(Path folder, int size, String... furtherSpecial) throws IOException {
    List<String> special = new ArrayList<>(List.of("<|endoftext|>"));
    special.addAll(List.of(furtherSpecial));
    BpeTrainer.ofSize(size).specialTokens(special).train(TEXTS.iterator()).save(folder.resolve("tokenizer.json"));
  }

  private static String json(NeoXConfig config, DType dtype) {
    String torch = Map.of(DType.F32, "float32", DType.F16, "float16", DType.BF16, "bfloat16").get(dtype);
    return String.format(
        Locale.ROOT,
        """
        {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "torch_dtype": "%s", "vocab_size": %d,
         "hidden_size": %d, "num_hidden_layers": %d, "num_attention_heads": %d, "intermediate_size": %d,
         "hidden_act": "%s", "rotary_pct": %s, "rotary_emb_base": %s, "max_position_embeddings": %d,
         "layer_norm_eps": %s, "use_parallel_residual": %b, "attention_bias": %b, "tie_word_embeddings": %b,
         "bos_token_id": %d, "eos_token_id": %s, "rope_scaling": %s, "a_key_that_nobody_knows": [1, 2]}
        """,
        torch,
        config.vocabularySize(),
        config.hiddenSize(),
        config.layers(),
        config.heads(),
        config.intermediateSize(),
        ConfigReader.activationName(config.activation()),
        config.rotary().fraction(),
        config.rotary().base(),
        config.maxPositions(),
        config.layerNormEpsilon(),
        config.parallelResidual(),
        config.attentionBias(),
        config.tiedEmbeddings(),
        config.bosTokenId(),
        config.eosTokenIds(),
        scaling(config.rotary().scaling()));
  }

  private static String scaling(RotaryConfig.Scaling scaling) {
    return switch (scaling) {
      case RotaryConfig.Unscaled _ -> "null";
      case RotaryConfig.LinearScaling linear -> "{\"type\": \"linear\", \"factor\": " + linear.factor() + "}";
      case RotaryConfig.DynamicScaling dynamic -> "{\"type\": \"dynamic\", \"factor\": " + dynamic.factor() + "}";
    };
  }
}
