package io.garut.transformer.tokenizer;

import java.util.Objects;

/**
 * A token that is found in the text as it is written, before words are split and merged.
 *
 * @param content the text that stands for it, not empty
 * @param singleWord whether it is passed over where a letter, digit or underscore touches it
 * @param leftStrip whether it swallows the white space before it
 * @param rightStrip whether it swallows the white space after it
 * @param normalized whether it is looked for, itself normalised, in the normalised text, rather than as it is in the
 *     text as it is
 * @param special whether decoding may skip it
 */
public record AddedToken(
    String content, boolean singleWord, boolean leftStrip, boolean rightStrip, boolean normalized, boolean special) {

  /** Checks the content. */
  public AddedToken {
    if (Objects.requireNonNull(content, "content").isEmpty()) {
      throw new IllegalArgumentException("an added token needs some text");
    }
  }

  /** A token such as {@code <|endoftext|>} or {@code ### End}: special, found exactly as it is written. */
  public static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false, true);
  }

  /** A further word of the vocabulary: not special, found in the normalised text. */
  public static AddedToken word(String content) {
    return new AddedToken(content, false, false, false, true, false);
  }
}
