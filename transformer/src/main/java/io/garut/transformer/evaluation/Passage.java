package io.garut.transformer.evaluation;

import io.garut.transformer.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * A text and what may follow it.
 *
 * @param context what the model reads
 * @param continuation what is scored
 */
public record Passage(String context, String continuation) {
  /**
   * Both as ids, as lm-evaluation-harness does it: the whole text is encoded and cut where the ids of the context alone
   * end, and white space at the end of the context goes to the continuation.
   *
   * @param prefix the token that stands for an empty context
   */
  public Scorer.Request encode(Tokenizer tokenizer, int prefix) {
    String before = stripEnd(context);
    String after = context.substring(before.length()) + continuation;
    int[] whole = tokenizer.encode(before + after, false);
    if (before.isEmpty()) {
      boolean begins = whole.length > 1 && whole[0] == prefix;
      return new Scorer.Request(new int[] {prefix}, begins ? Arrays.copyOfRange(whole, 1, whole.length) : whole);
    }
    int length = Math.min(tokenizer.encode(before, false).length, whole.length);
    return new Scorer.Request(Arrays.copyOf(whole, length), Arrays.copyOfRange(whole, length, whole.length));
  }

  /** Python's {@code rstrip}. */
  private static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** Python's {@code strip}. */
  static String strip(String text) {
    String stripped = stripEnd(text);
    int begin = 0;
    while (begin < stripped.length() && isSpace(stripped.charAt(begin))) {
      begin++;
    }
    return stripped.substring(begin);
  }

  /** Python's {@code isspace}; all such characters lie in the basic plane. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
