package io.garut.transformer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.op.Activation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a {@link NeoXConfig} from the hub's {@code config.json} (the keys of Transformers 4 and 5) or from a GGUF
 * file's metadata (architecture {@code gptneox}).
 */
public final class ConfigReader {
  private static final int LARGEST = 1 << 20; // bytes; the hub's are around one thousand
  private static final String PREFIX = "gptneox.";
  private static final String EOS = "eos_token_id";
  private static final String MEND = "mend the file or download it again";

  private final Path file;
  private final JsonNode root;

  private ConfigReader(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads {@code config.json}, and from a {@code generation_config.json} beside it the tokens that end a text.
   *
   * @throws CheckpointException naming file and key, if it is missing, is no GPT-NeoX configuration or contradicts
   *     itself
   */
  public static NeoXConfig json(Path file) throws CheckpointException {
    return new ConfigReader(file, tree(file)).config();
  }

  /** Those of both files: what a model was tuned to end its answers with often stands in the second one only. */
  private List<Integer> eosTokenIds() throws CheckpointException {
    Set<Integer> ids = new LinkedHashSet<>(wholes(EOS));
    Path generation = file.resolveSibling("generation_config.json");
    if (Files.exists(generation)) {
      ids.addAll(new ConfigReader(generation, tree(generation)).wholes(EOS));
    }
    return ids.isEmpty() ? List.of(2) : List.copyOf(ids);
  }

  /** A number or an array of them; none where the key is missing. */
  private List<Integer> wholes(String key) throws CheckpointException {
    JsonNode node = root.path(key);
    List<Integer> values = new ArrayList<>();
    if (node.isArray()) {
      for (JsonNode element : node) {
        values.add(whole(key, element));
      }
    } else if (!node.isMissingNode() && !node.isNull()) {
      values.add(whole(key, node));
    }
    return values;
  }

  private static JsonNode tree(Path file) throws CheckpointException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new CheckpointException(file, "size", "is over " + LARGEST + " bytes", "is it a configuration?");
      }
      JsonNode root = ConfigJson.read(file);
      if (root == null || !root.isObject()) {
        throw new CheckpointException(file, "start", "is not a JSON object", "expected the model's config.json");
      }
      return root;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file, "file", "is missing", "download it beside the weights", e);
    } catch (JsonProcessingException e) {
      String place = e.getLocation() == null ? "start" : "line " + e.getLocation().getLineNr();
      String what = "is not valid JSON: " + e.getOriginalMessage();
      throw new CheckpointException(file, place, what, "download it again", e);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(file, "file", "cannot be read: " + e, "check the path and its permissions", e);
    }
  }

  private NeoXConfig config() throws CheckpointException {
    String type = text("model_type", "gpt_neox");
    if (!type.equals("gpt_neox")) {
      throw wrong("model_type", "is '" + type + "'", "Garut runs gpt_neox models (Pythia, Dolly 2.0, GPT-NeoX-20B)");
    }
    try {
      return new NeoXConfig(
          whole("vocab_size", 50432),
          whole("hidden_size", 6144),
          whole("num_hidden_layers", 44),
          whole("num_attention_heads", 64),
          whole("intermediate_size", 24576),
          activation(),
          rotary(),
          whole("max_position_embeddings", 2048),
          real(root, "layer_norm_eps", 1e-5),
          flag("use_parallel_residual", true),
          flag("attention_bias", true),
          flag("tie_word_embeddings", false),
          whole("bos_token_id", 0),
          eosTokenIds());
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, "configuration", e.getMessage(), MEND, e);
    }
  }

  private Activation activation() throws CheckpointException {
    String name = text("hidden_act", "gelu");
    try {
      return activation(name);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, "hidden_act", e.getMessage(), "this model cannot be run", e);
    }
  }

  /**
   * The activation that Transformers calls {@code name} ({@code ACT2FN}).
   *
   * @throws IllegalArgumentException if there is none without learnt parameters
   */
  static Activation activation(String name) {
    return switch (name) {
      case "gelu", "gelu_python", "gelu_accurate_erf" -> Activation.GELU;
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate" -> Activation.GELU_TANH;
      case "gelu_10" -> Activation.GELU_10;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "relu" -> Activation.RELU;
      case "relu2" -> Activation.RELU2;
      case "relu6" -> Activation.RELU6;
      case "leaky_relu" -> Activation.LEAKY_RELU;
      case "silu", "swish" -> Activation.SILU;
      case "sigmoid" -> Activation.SIGMOID;
      case "tanh" -> Activation.TANH;
      case "mish" -> Activation.MISH;
      case "laplace" -> Activation.LAPLACE;
      case "hardswish" -> Activation.HARDSWISH;
      case "linear" -> Activation.IDENTITY;
      default -> throw new IllegalArgumentException("the activation '" + name + "' is not known");
    };
  }

  /** The name under which Transformers knows {@code activation}. */
  public static String activationName(Activation activation) {
    return switch (activation) {
      case IDENTITY -> "linear";
      case GELU -> "gelu";
      case GELU_TANH -> "gelu_new";
      case GELU_10 -> "gelu_10";
      case QUICK_GELU -> "quick_gelu";
      case RELU -> "relu";
      case RELU2 -> "relu2";
      case RELU6 -> "relu6";
      case LEAKY_RELU -> "leaky_relu";
      case SILU -> "silu";
      case SIGMOID -> "sigmoid";
      case TANH -> "tanh";
      case MISH -> "mish";
      case LAPLACE -> "laplace";
      case HARDSWISH -> "hardswish";
    };
  }

  /**
   * Transformers 5 keeps everything in {@code rope_parameters}; before, scaling lay in {@code rope_scaling}, the rest
   * beside it.
   */
  private RotaryConfig rotary() throws CheckpointException {
    String key = root.path("rope_parameters").isObject() ? "rope_parameters" : "rope_scaling";
    JsonNode rope = root.path(key);
    if (!rope.isObject() && !rope.isNull() && !rope.isMissingNode()) {
      throw wrong(key, "is not an object", MEND);
    }
    double fraction = real(rope, "partial_rotary_factor", real(root, "rotary_pct", 0.25));
    double base = real(rope, "rope_theta", real(root, "rotary_emb_base", 10000));
    String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
    RotaryConfig.Scaling scaling =
        switch (type) {
          case "default" -> new RotaryConfig.Unscaled();
          case "linear" -> new RotaryConfig.LinearScaling(factor(key, rope));
          case "dynamic" -> new RotaryConfig.DynamicScaling(factor(key, rope));
          default ->
              throw wrong(key, "has the type '" + type + "'", "Garut knows default, linear and dynamic");
        };
    return new RotaryConfig(fraction, base, scaling);
  }

  private double factor(String key, JsonNode rope) throws CheckpointException {
    if (!rope.path("factor").isNumber()) {
      throw wrong(key, "has no number 'factor'", MEND);
    }
    return rope.path("factor").asDouble();
  }

  private int whole(String key, int otherwise) throws CheckpointException {
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    return whole(key, node);
  }

  private int whole(String key, JsonNode node) throws CheckpointException {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(key, "is " + shortened(node) + ", not a whole number below 2^31", MEND);
    }
    return node.intValue();
  }

  private double real(JsonNode parent, String key, double otherwise) throws CheckpointException {
    JsonNode node = parent.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isNumber()) {
      throw wrong(key, "is " + shortened(node) + ", not a number", MEND);
    }
    return node.doubleValue();
  }

  private boolean flag(String key, boolean otherwise) throws CheckpointException {
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw wrong(key, "is " + shortened(node) + ", not true or false", MEND);
    }
    return node.booleanValue();
  }

  private String text(String key, String otherwise) throws CheckpointException {
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isTextual()) {
      throw wrong(key, "is " + shortened(node) + ", not a text", MEND);
    }
    return node.textValue();
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private CheckpointException wrong(String key, String what, String remedy) {
    return new CheckpointException(file, key, what, remedy);
  }

  /**
   * Reads the metadata of a GGUF file. It has no key for the activation: erf GELU is assumed, as llama.cpp's converter
   * was given such models only, unless Garut's own key {@code gptneox.hidden_act} says otherwise.
   *
   * @throws CheckpointException naming file and key
   */
  public static NeoXConfig gguf(Checkpoint checkpoint) throws CheckpointException {
    Path file = checkpoint.source();
    Metadata data = checkpoint.metadata();
    String architecture = data.string("general.architecture");
    if (!architecture.equals("gptneox")) {
      throw new CheckpointException(
          file, "general.architecture", "is '" + architecture + "'", "Garut runs gptneox models (Pythia, Dolly 2.0)");
    }
    int hidden = whole(file, data, "embedding_length");
    int heads = whole(file, data, "attention.head_count");
    try {
      int headSize = heads > 0 ? hidden / heads : 0;
      double fraction = headSize > 0 ? (double) whole(file, data, "rope.dimension_count") / headSize : 0;
      double base = data.has(PREFIX + "rope.freq_base") ? data.real(PREFIX + "rope.freq_base") : 10000;
      String act = data.has(PREFIX + "hidden_act") ? data.string(PREFIX + "hidden_act") : "gelu";
      return new NeoXConfig(
          Math.toIntExact(checkpoint.entry("token_embd.weight").shape().dim(0)),
          hidden,
          whole(file, data, "block_count"),
          heads,
          whole(file, data, "feed_forward_length"),
          activation(act),
          new RotaryConfig(fraction, base, ggufScaling(file, data)),
          whole(file, data, "context_length"),
          data.real(PREFIX + "attention.layer_norm_epsilon"),
          !data.has(PREFIX + "use_parallel_residual") || data.flag(PREFIX + "use_parallel_residual"),
          checkpoint.names().contains("blk.0.attn_qkv.bias"),
          !checkpoint.names().contains("output.weight"),
          token(data, "tokenizer.ggml.bos_token_id"),
          ggufEnds(data));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointException(file, "metadata", e.getMessage(), "convert the model again", e);
    }
  }

  private static RotaryConfig.Scaling ggufScaling(Path file, Metadata data) throws CheckpointException {
    String key = PREFIX + "rope.scaling.type";
    String type = data.has(key) ? data.string(key) : "none";
    return switch (type) {
      case "none" -> new RotaryConfig.Unscaled();
      case "linear" -> new RotaryConfig.LinearScaling(data.real(PREFIX + "rope.scaling.factor"));
      case "dynamic" -> new RotaryConfig.DynamicScaling(data.real(PREFIX + "rope.scaling.factor"));
      default ->
          throw new CheckpointException(
              file, key, "is '" + type + "'", "Garut knows none, linear and dynamic; this model cannot be run");
    };
  }

  private static int token(Metadata data, String key) throws CheckpointException {
    return data.has(key) ? Math.toIntExact(data.integer(key)) : 0;
  }

  /** GGUF has one; several are Garut's own key. */
  private static List<Integer> ggufEnds(Metadata data) throws CheckpointException {
    String several = PREFIX + "eos_token_ids";
    if (!data.has(several)) {
      return List.of(token(data, "tokenizer.ggml.eos_token_id"));
    }
    return Arrays.stream(data.integers(several)).mapToObj(Math::toIntExact).toList();
  }

  private static int whole(Path file, Metadata data, String key) throws CheckpointException {
    long value = data.integer(PREFIX + key);
    if (value != (int) value) {
      throw new CheckpointException(file, PREFIX + key, "is " + value, "a number below 2^31 was expected");
    }
    return (int) value;
  }
}
