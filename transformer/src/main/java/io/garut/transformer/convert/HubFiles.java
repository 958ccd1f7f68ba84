package io.garut.transformer.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.DType;
import io.garut.tensor.io.Metadata;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.GgufVocabulary;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files beside the weights in a Hugging Face folder: config.json, and what belongs to the tokenizer. */
public final class HubFiles {
  static final String CONFIG = "config.json";
  static final String TOKENIZER = "tokenizer.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /** What is taken over as it is. */
  private static final List<String> OTHERS =
      List.of(
          TOKENIZER,
          TOKENIZER_CONFIG,
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          GENERATION_CONFIG);

  /** All of them. */
  static final Set<String> NAMES = Stream.concat(Stream.of(CONFIG), OTHERS.stream()).collect(Collectors.toSet());

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private HubFiles() {}

  /**
   * Writes the files for {@code model}, whose weights are written as {@code type}, into {@code folder}.
   *
   * @throws IOException if one cannot be read or written
   */
  static void write(ModelFiles model, DType type, Path folder) throws IOException {
    ObjectNode config = model.isGguf() ? config(model.config()) : (ObjectNode) read(model.folder().resolve(CONFIG));
    writeConfig(config, type, folder);
    copyOthers(model, folder);
  }

  /** Writes config.json alone. */
  public static void writeConfig(NeoXConfig config, DType type, Path folder) throws IOException {
    writeConfig(config(config), type, folder);
  }

  private static void writeConfig(ObjectNode config, DType type, Path folder) throws IOException {
    config.remove("dtype"); // Transformers 5 writes this one and reads both
    config.put("torch_dtype", torchName(type));
    write(folder.resolve(CONFIG), config);
  }

  /** Writes all but config.json as {@code model} has them; of a GGUF file, the tokenizer that it holds. */
  static void copyOthers(ModelFiles model, Path folder) throws IOException {
    if (!model.isGguf()) {
      for (String name : OTHERS) {
        copy(model.folder(), name, folder);
      }
      return;
    }
    Optional<ByteLevelBpe> tokenizer = model.tokenizer();
    if (tokenizer.isPresent()) {
      Metadata data = model.checkpoint().metadata();
      String key = GgufVocabulary.HUGGING_FACE_KEY;
      String json = data.has(key) ? data.string(key) : tokenizer.get().toJson();
      writeTokenizer(model.config(), tokenizer.get(), json, folder);
    }
  }

  /** Copies what says how to generate, which no tokenizer changes. */
  static void copyGeneration(ModelFiles model, Path folder) throws IOException {
    if (!model.isGguf()) {
      copy(model.folder(), GENERATION_CONFIG, folder);
    }
  }

  private static void copy(Path from, String name, Path to) throws IOException {
    if (Files.exists(from.resolve(name))) {
      Files.copy(from.resolve(name), to.resolve(name));
    }
  }

  /** Writes the files of {@code tokenizer}, which {@code json} describes. */
  static void writeTokenizer(NeoXConfig config, ByteLevelBpe tokenizer, String json, Path folder) throws IOException {
    Files.writeString(folder.resolve(TOKENIZER), json);
    write(folder.resolve(TOKENIZER_CONFIG), tokenizerConfig(config, tokenizer));
  }

  private static JsonNode read(Path file) throws IOException {
    return JSON.readTree(file.toFile()); // ConfigReader has found it to be an object
  }

  private static void write(Path file, JsonNode json) throws IOException {
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  /** In the keys that Transformers 4 writes and 5 reads as well. */
  private static ObjectNode config(NeoXConfig config) {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add("GPTNeoXForCausalLM");
    json.put("model_type", "gpt_neox");
    json.put("vocab_size", config.vocabularySize());
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("hidden_act", ConfigReader.activationName(config.activation()));
    json.put("max_position_embeddings", config.maxPositions());
    json.put("layer_norm_eps", decimal(config.layerNormEpsilon()));
    json.put("rotary_pct", config.rotary().fraction());
    json.put("rotary_emb_base", decimal(config.rotary().base()));
    switch (config.rotary().scaling()) {
      case RotaryConfig.Unscaled _ -> {}
      case RotaryConfig.LinearScaling linear -> scaling(json, "linear", linear.factor());
      case RotaryConfig.DynamicScaling dynamic -> scaling(json, "dynamic", dynamic.factor());
    }
    json.put("use_parallel_residual", config.parallelResidual());
    json.put("attention_bias", config.attentionBias());
    json.put("tie_word_embeddings", config.tiedEmbeddings());
    json.put("bos_token_id", config.bosTokenId());
    if (config.eosTokenIds().size() == 1) {
      json.put("eos_token_id", config.eosTokenId());
    } else {
      config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
    }
    json.put("use_cache", true);
    return json;
  }

  private static void scaling(ObjectNode json, String type, double factor) {
    ObjectNode scaling = json.putObject("rope_scaling");
    scaling.put("type", type); // before Transformers 4.45
    scaling.put("rope_type", type);
    scaling.put("factor", decimal(factor));
  }

  /** GGUF files and Java's literals hold single precision: the shortest decimal that rounds to it is what was meant (1e-5). */
  private static BigDecimal decimal(double value) {
    boolean single = value == (float) value;
    BigDecimal shortest = new BigDecimal(single ? Float.toString((float) value) : Double.toString(value));
    BigDecimal stripped = shortest.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped; // 10000, not 1E+4
  }

  private static ObjectNode tokenizerConfig(NeoXConfig config, ByteLevelBpe tokenizer) {
    ObjectNode json = JSON.createObjectNode();
    json.put("tokenizer_class", "PreTrainedTokenizerFast");
    json.put("model_max_length", config.contextLength());
    token(json, "bos_token", tokenizer, config.bosTokenId());
    token(json, "eos_token", tokenizer, config.eosTokenId());
    return json;
  }

  private static void token(ObjectNode json, String key, ByteLevelBpe tokenizer, int id) {
    if (tokenizer.isSpecial(id)) {
      json.put(key, tokenizer.token(id));
    }
  }

  private static String torchName(DType type) {
    return switch (type) {
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case F64, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new IllegalArgumentException(
              "a Hugging Face folder holds F32, F16 or BF16, not " + type.name().toUpperCase(Locale.ROOT));
    };
  }
}
