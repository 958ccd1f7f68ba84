package io.garut.transformer.tokenizer;

import java.util.OptionalInt;

/** Turns text into token ids and ids into text. Immutable; threads may share one. */
public interface Tokenizer {
  /** The ids of {@code text} with the special tokens that the tokenizer puts round every text; GPT-NeoX's puts none. */
  default int[] encode(String text) {
    return encode(text, true);
  }

  /**
   * The ids of {@code text}. Special tokens written out in the text are recognised either way; a surrogate without its
   * partner counts as U+FFFD.
   *
   * @param addSpecialTokens whether to add what the tokenizer puts round a text, such as a beginning-of-text token
   */
  int[] encode(String text, boolean addSpecialTokens);

  /** The text of these ids, special tokens included. */
  default String decode(int... ids) {
    return decode(ids, false);
  }

  /**
   * The text of these ids. Bytes that are not UTF-8 become U+FFFD, one for each maximal invalid part. An id that stands
   * for no token is passed over: a model's vocabulary is often padded beyond its tokenizer's.
   */
  String decode(int[] ids, boolean skipSpecialTokens);

  /** A decoder for one stream of ids, special tokens included. */
  default TokenDecoder decoder() {
    return decoder(false);
  }

  /** A decoder for one stream of ids: all that it returns, put together, is what {@link #decode} gives. */
  TokenDecoder decoder(boolean skipSpecialTokens);

  /** One more than the largest id. */
  int vocabularySize();

  /** The id of a token as the vocabulary writes it ({@code Ġsheep}, {@code <|endoftext|>}). */
  OptionalInt id(String token);

  /**
   * The token with this id, as the vocabulary writes it.
   *
   * @throws IllegalArgumentException if there is none
   */
  String token(int id);

  /** Whether decoding may skip this id; false for an id that stands for no token. */
  boolean isSpecial(int id);
}
