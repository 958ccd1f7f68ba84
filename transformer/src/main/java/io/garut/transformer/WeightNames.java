package io.garut.transformer;

import io.garut.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the weights of a GPT-NeoX model are called: on the hub ({@code gpt_neox.layers.0.attention.dense.weight}) and in
 * GGUF files ({@code blk.0.attn_output.weight}).
 */
public final class WeightNames {
  /** The token embedding, [V, F]. */
  public static final String EMBEDDING = "gpt_neox.embed_in.weight";

  /** The head, [V, F]; missing where the embedding serves as head. */
  public static final String HEAD = "embed_out.weight";

  /** What the name of every fused query, key and value projection holds. */
  public static final String QKV = ".attention.query_key_value.";

  /** The hub's name of each part of a block, and GGUF's. */
  private static final Map<String, String> BLOCK =
      Map.of(
          "input_layernorm", "attn_norm",
          "post_attention_layernorm", "ffn_norm",
          "attention.query_key_value", "attn_qkv",
          "attention.dense", "attn_output",
          "mlp.dense_h_to_4h", "ffn_up",
          "mlp.dense_4h_to_h", "ffn_down");

  /** The hub's name of each part outside the blocks, and GGUF's. */
  private static final Map<String, String> OUTSIDE =
      Map.of(
          "gpt_neox.embed_in", "token_embd",
          "gpt_neox.final_layer_norm", "output_norm",
          "embed_out", "output");

  private static final Pattern LAYER = Pattern.compile("gpt_neox\\.layers\\.(\\d+)\\.(.+)\\.(weight|bias)");

  private WeightNames() {}

  /**
   * GGUF's name for the hub's {@code name}.
   *
   * @throws IllegalArgumentException if it has none
   */
  public static String gguf(String name) {
    Matcher layer = LAYER.matcher(name);
    if (layer.matches() && BLOCK.containsKey(layer.group(2))) {
      return "blk." + layer.group(1) + "." + BLOCK.get(layer.group(2)) + "." + layer.group(3);
    }
    int dot = name.lastIndexOf('.');
    String part = OUTSIDE.get(name.substring(0, Math.max(dot, 0)));
    if (part == null) {
      throw new IllegalArgumentException("GGUF has no name for '" + name + "'");
    }
    return part + name.substring(dot);
  }

  /**
   * The hub's names of all weights of a model of {@code config}, with their shapes, in the order of the computation.
   */
  public static SequencedMap<String, Shape> of(NeoXConfig config) {
    long features = config.hiddenSize();
    long inner = config.intermediateSize();
    Shape table = Shape.of(config.vocabularySize(), features);
    SequencedMap<String, Shape> all = new LinkedHashMap<>();
    all.put(EMBEDDING, table);
    for (int i = 0; i < config.layers(); i++) {
      String layer = "gpt_neox.layers." + i + ".";
      linear(all, layer + "input_layernorm", Shape.of(features), true);
      linear(all, layer + "post_attention_layernorm", Shape.of(features), true);
      linear(all, layer + "attention.query_key_value", Shape.of(3 * features, features), config.attentionBias());
      linear(all, layer + "attention.dense", Shape.of(features, features), config.attentionBias());
      linear(all, layer + "mlp.dense_h_to_4h", Shape.of(inner, features), true);
      linear(all, layer + "mlp.dense_4h_to_h", Shape.of(features, inner), true);
    }
    linear(all, "gpt_neox.final_layer_norm", Shape.of(features), true);
    if (!config.tiedEmbeddings()) {
      all.put(HEAD, table);
    }
    return all;
  }

  private static void linear(Map<String, Shape> all, String part, Shape weight, boolean bias) {
    all.put(part + ".weight", weight);
    if (bias) {
      all.put(part + ".bias", Shape.of(weight.dim(0)));
    }
  }
}
