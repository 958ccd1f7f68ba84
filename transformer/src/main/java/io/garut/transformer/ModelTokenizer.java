package io.garut.transformer;

import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Metadata;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.GgufVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Finds the tokenizer that comes with a model. */
final class ModelTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";

  private ModelTokenizer() {}

  /** That of a Hugging Face folder, if it has a tokenizer.json. */
  static Optional<ByteLevelBpe> json(Path folder) throws IOException {
    return isIn(folder) ? Optional.of(ByteLevelBpe.open(folder)) : Optional.empty();
  }

  /** Whether a Hugging Face folder has one, good or bad. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve("tokenizer.json"));
  }

  /** Whether a GGUF file has one, good or bad. */
  static boolean isIn(Metadata data) {
    return data.has(GgufVocabulary.HUGGING_FACE_KEY) || data.has(PREFIX + "tokens") && data.has(PREFIX + "merges");
  }

  /** That of a GGUF file, if it holds one with its merges. */
  static Optional<ByteLevelBpe> gguf(Checkpoint checkpoint) throws IOException {
    Metadata data = checkpoint.metadata();
    if (!isIn(data)) {
      return Optional.empty();
    }
    return Optional.of(ByteLevelBpe.of(vocabulary(checkpoint), checkpoint.source().toString()));
  }

  private static GgufVocabulary vocabulary(Checkpoint checkpoint) throws IOException {
    Metadata data = checkpoint.metadata();
    String key = GgufVocabulary.HUGGING_FACE_KEY;
    Optional<String> json = data.has(key) ? Optional.of(data.string(key)) : Optional.empty();
    try {
      return new GgufVocabulary(
          data.has(PREFIX + "model") ? data.string(PREFIX + "model") : "gpt2",
          data.has(PREFIX + "pre") ? data.string(PREFIX + "pre") : "",
          strings(data, "tokens"),
          types(data),
          strings(data, "merges"),
          id(data, "bos_token_id"),
          id(data, "eos_token_id"),
          json);
    } catch (ArithmeticException e) {
      String what = "holds a number beyond 2^31";
      throw new CheckpointException(checkpoint.source(), PREFIX + "*", what, "convert the model again", e);
    }
  }

  private static List<String> strings(Metadata data, String key) throws IOException {
    return data.has(PREFIX + key) ? data.strings(PREFIX + key) : List.of();
  }

  private static List<Integer> types(Metadata data) throws IOException {
    return data.has(PREFIX + "token_type")
        ? Arrays.stream(data.integers(PREFIX + "token_type")).mapToObj(Math::toIntExact).toList()
        : List.of();
  }

  private static OptionalInt id(Metadata data, String key) throws IOException {
    return data.has(PREFIX + key) ? OptionalInt.of(Math.toIntExact(data.integer(PREFIX + key))) : OptionalInt.empty();
  }
}
