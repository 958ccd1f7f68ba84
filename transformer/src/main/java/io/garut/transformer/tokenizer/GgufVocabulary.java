package io.garut.transformer.tokenizer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The vocabulary that a GGUF file carries in its metadata, under {@code tokenizer.ggml.*}: enough to encode and decode
 * without any other file. The component names say which key each is.
 *
 * @param model {@code tokenizer.ggml.model}: {@code gpt2} is byte-level BPE
 * @param pre {@code tokenizer.ggml.pre}: how text is split, or empty where the file does not say
 * @param tokens {@code tokenizer.ggml.tokens}, by id
 * @param tokenTypes {@code tokenizer.ggml.token_type}: one for each token (1 normal, 2 unknown, 3 control,
 *     4 user-defined, 5 unused, 6 byte); empty where the file does not say, then all are normal
 * @param merges {@code tokenizer.ggml.merges}: two tokens and a space between
 * @param bos {@code tokenizer.ggml.bos_token_id}
 * @param eos {@code tokenizer.ggml.eos_token_id}
 * @param huggingFaceJson {@code tokenizer.huggingface.json}: the whole tokenizer.json; it says more than the rest (the
 *     normalizer, what added tokens do with white space) and is preferred where it is present
 */
public record GgufVocabulary(
    String model,
    String pre,
    List<String> tokens,
    List<Integer> tokenTypes,
    List<String> merges,
    OptionalInt bos,
    OptionalInt eos,
    Optional<String> huggingFaceJson) {

  /** The key of {@link #huggingFaceJson}. */
  public static final String HUGGING_FACE_KEY = "tokenizer.huggingface.json";

  /** A token that text is encoded to. */
  public static final int NORMAL = 1;

  /** A special token: found as it is written, skipped when decoding. */
  public static final int CONTROL = 3;

  /** An added token that is not special. */
  public static final int USER_DEFINED = 4;

  /** A row of the embedding without a token. */
  public static final int UNUSED = 5;

  /** Copies the lists. */
  public GgufVocabulary {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(pre, "pre");
    Objects.requireNonNull(bos, "bos");
    Objects.requireNonNull(eos, "eos");
    Objects.requireNonNull(huggingFaceJson, "huggingFaceJson");
    tokens = List.copyOf(tokens);
    tokenTypes = List.copyOf(tokenTypes);
    merges = List.copyOf(merges);
  }

  /** The same with these ids for the beginning and the end of text. */
  public GgufVocabulary withBoundaries(OptionalInt beginning, OptionalInt end) {
    return new GgufVocabulary(model, pre, tokens, tokenTypes, merges, beginning, end, huggingFaceJson);
  }
}
