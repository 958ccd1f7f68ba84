package io.garut.transformer.tokenizer.bpe;

/**
 * GPT-2's splitting into words, written out:
 * {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}.
 *
 * <p>It works on valid UTF-8 and never backs up more than one character. Letters, numbers and white space are those of
 * the JDK's Unicode tables.
 */
public final class WordScanner {
  private static final byte LETTER = 0;
  private static final byte NUMBER = 1;
  private static final byte SPACE = 2;
  private static final byte OTHER = 3;
  private static final byte[] ASCII = new byte[128];

  /** The general categories of {@link Character#getType(int)} as bits. */
  private static final int LETTERS = 1 << Character.UPPERCASE_LETTER
      | 1 << Character.LOWERCASE_LETTER
      | 1 << Character.TITLECASE_LETTER
      | 1 << Character.MODIFIER_LETTER
      | 1 << Character.OTHER_LETTER;

  private static final int NUMBERS =
      1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;

  private static final int SEPARATORS =
      1 << Character.SPACE_SEPARATOR | 1 << Character.LINE_SEPARATOR | 1 << Character.PARAGRAPH_SEPARATOR;

  private static final int MARKS =
      1 << Character.NON_SPACING_MARK | 1 << Character.ENCLOSING_MARK | 1 << Character.COMBINING_SPACING_MARK;

  static {
    for (int c = 0; c < 128; c++) {
      ASCII[c] = kind(c);
    }
  }

  private WordScanner() {}

  /** Where the word that starts at {@code from} ends; {@code from < to}, and the text stops at {@code to}. */
  public static int end(byte[] text, int from, int to) {
    byte first = text[from];
    if (first == '\'') {
      int length = contraction(text, from + 1, to);
      if (length > 0) {
        return from + 1 + length;
      }
    }
    byte kind = kindAt(text, from);
    if (kind != SPACE) {
      return run(text, from, to, kind);
    }
    if (first == ' ' && from + 1 < to) {
      byte next = kindAt(text, from + 1);
      if (next != SPACE) {
        return run(text, from + 1, to, next);
      }
    }
    int last = from;
    int at = Utf8.next(text, from);
    while (at < to && kindAt(text, at) == SPACE) {
      last = at;
      at = Utf8.next(text, at);
    }
    // White space before a word leaves its last character to that word, unless it is the only one.
    return at == to || last == from ? at : last;
  }

  private static int contraction(byte[] text, int at, int to) {
    if (at == to) {
      return 0;
    }
    byte second = at + 1 < to ? text[at + 1] : 0;
    return switch (text[at]) {
      case 's', 't', 'm', 'd' -> 1;
      case 'r', 'v' -> second == 'e' ? 2 : 0;
      case 'l' -> second == 'l' ? 2 : 0;
      default -> 0;
    };
  }

  private static int run(byte[] text, int from, int to, byte kind) {
    int at = Utf8.next(text, from);
    while (at < to && kindAt(text, at) == kind) {
      at = Utf8.next(text, at);
    }
    return at;
  }

  private static byte kindAt(byte[] text, int at) {
    byte b = text[at];
    return b >= 0 ? ASCII[b] : kind(Utf8.codePointAt(text, at));
  }

  private static byte kind(int codePoint) {
    if (isSpace(codePoint)) {
      return SPACE;
    }
    int category = 1 << Character.getType(codePoint);
    return (category & LETTERS) != 0 ? LETTER : (category & NUMBERS) != 0 ? NUMBER : OTHER;
  }

  /** Unicode's White_Space property. */
  public static boolean isSpace(int c) {
    return c <= 0x20
        ? c == 0x20 || c >= 0x09 && c <= 0x0D
        : c == 0x85 || c >= 0xA0 && (1 << Character.getType(c) & SEPARATORS) != 0;
  }

  /** The regular expression {@code \p{N}}. */
  static boolean isNumber(int c) {
    return (1 << Character.getType(c) & NUMBERS) != 0;
  }

  /** A word character as Unicode's Annex C (UTS 18) has it: the regular expression {@code \w}. */
  public static boolean isWord(int c) {
    int category = 1 << Character.getType(c);
    return Character.isAlphabetic(c)
        || (category & MARKS) != 0
        || category == 1 << Character.DECIMAL_DIGIT_NUMBER
        || category == 1 << Character.CONNECTOR_PUNCTUATION
        || c == 0x200C
        || c == 0x200D;
  }
}
