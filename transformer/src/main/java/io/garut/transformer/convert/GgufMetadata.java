package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.op.Activation;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.Prompts;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.GgufVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a GGUF file of a GPT-NeoX model says about itself, in llama.cpp's keys (gguf-py's {@code constants.py}). */
final class GgufMetadata {
  private static final String PREFIX = "gptneox.";
  private static final String TOKENIZER = "tokenizer.ggml.";
  private static final int QUANTIZATION_VERSION = 2; // GGML_QNT_VERSION
  private static final double USUAL_BASE = 10000;

  private final Metadata.Builder data = Metadata.builder();

  private GgufMetadata() {}

  /**
   * For {@code model} with its matrices in {@code type}. What a GGUF file says already is kept.
   *
   * @throws IOException if the tokenizer is damaged
   */
  static Metadata of(ModelFiles model, DType type) throws IOException {
    GgufMetadata metadata = new GgufMetadata();
    if (model.isGguf()) {
      metadata.data.putAll(model.checkpoint().metadata());
    } else {
      metadata.describe(model.config(), name(model.folder()));
      Optional<ByteLevelBpe> tokenizer = model.tokenizer();
      if (tokenizer.isPresent()) {
        metadata.vocabulary(tokenizer.get(), model);
      }
    }
    metadata.data.uint32("general.file_type", fileType(type));
    if (type.isBlock()) {
      metadata.data.uint32("general.quantization_version", QUANTIZATION_VERSION);
    }
    return metadata.data.build();
  }

  private static String name(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? "model" : name.toString();
  }

  private void describe(NeoXConfig config, String name) {
    data.string("general.architecture", "gptneox")
        .string("general.name", name)
        .uint32(PREFIX + "context_length", config.maxPositions())
        .uint32(PREFIX + "embedding_length", config.hiddenSize())
        .uint32(PREFIX + "block_count", config.layers())
        .uint32(PREFIX + "feed_forward_length", config.intermediateSize())
        .uint32(PREFIX + "rope.dimension_count", config.rotatedElements())
        .uint32(PREFIX + "attention.head_count", config.heads())
        .flag(PREFIX + "use_parallel_residual", config.parallelResidual())
        .float32(PREFIX + "attention.layer_norm_epsilon", (float) config.layerNormEpsilon());
    if (config.rotary().base() != USUAL_BASE) {
      data.float32(PREFIX + "rope.freq_base", (float) config.rotary().base());
    }
    if (config.eosTokenIds().size() > 1) { // Garut's own key
      data.int32s(PREFIX + "eos_token_ids", config.eosTokenIds().stream().mapToInt(Integer::intValue).toArray());
    }
    switch (config.rotary().scaling()) {
      case RotaryConfig.Unscaled _ -> {}
      case RotaryConfig.LinearScaling linear -> scaling("linear", linear.factor());
      case RotaryConfig.DynamicScaling dynamic -> scaling("dynamic", dynamic.factor()); // Garut's own value
    }
    if (config.activation() != Activation.GELU) { // llama.cpp has no key: all its gptneox models have GELU
      data.string(PREFIX + "hidden_act", ConfigReader.activationName(config.activation()));
    }
  }

  private void scaling(String type, double factor) {
    data.string(PREFIX + "rope.scaling.type", type).float32(PREFIX + "rope.scaling.factor", (float) factor);
  }

  private void vocabulary(ByteLevelBpe tokenizer, ModelFiles model) throws IOException {
    NeoXConfig config = model.config();
    if (tokenizer.vocabularySize() > config.vocabularySize()) {
      throw new CheckpointException(
          model.folder(),
          "tokenizer.json",
          "has " + tokenizer.vocabularySize() + " ids, the model only " + config.vocabularySize() + " rows for them",
          "give the model its own tokenizer");
    }
    GgufVocabulary vocabulary = tokenizer.toGguf(config.vocabularySize());
    data.string(TOKENIZER + "model", vocabulary.model())
        .string(TOKENIZER + "pre", vocabulary.pre())
        .strings(TOKENIZER + "tokens", vocabulary.tokens())
        .int32s(TOKENIZER + "token_type", vocabulary.tokenTypes().stream().mapToInt(Integer::intValue).toArray())
        .strings(TOKENIZER + "merges", vocabulary.merges())
        .uint32(TOKENIZER + "bos_token_id", config.bosTokenId())
        .uint32(TOKENIZER + "eos_token_id", config.eosTokenId());
    tokenizer.id(Prompts.DOLLY_END).ifPresent(id -> data.uint32(TOKENIZER + "eot_token_id", id));
    // The rest is llama.cpp's; this says what it leaves out, such as how white space joins added tokens.
    String json = Files.readString(model.folder().resolve(HubFiles.TOKENIZER));
    data.string(GgufVocabulary.HUGGING_FACE_KEY, json);
  }

  /** llama.cpp's number for a file whose matrices mostly have {@code type}. */
  private static int fileType(DType type) {
    return switch (type) {
      case F32, F64 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q4_1 -> 3;
      case Q8_0 -> 7;
      case Q5_0 -> 8;
      case Q5_1 -> 9;
      case Q4_K -> 15;
      case Q5_K -> 17;
      case Q6_K -> 18;
      case BF16 -> 32;
      case I64, I32, BOOL -> throw new IllegalArgumentException("a weight cannot be " + type);
    };
  }
}
