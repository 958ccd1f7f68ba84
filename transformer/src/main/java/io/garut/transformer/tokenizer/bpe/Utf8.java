package io.garut.transformer.tokenizer.bpe;

import java.nio.charset.StandardCharsets;

/** UTF-8 where the JDK's own conversion differs from what tokenizers do. */
public final class Utf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /** The UTF-8 form of {@code text}; a surrogate without its partner becomes U+FFFD (the JDK would write '?'). */
  public static byte[] encode(String text) {
    String valid = loneSurrogate(text) < 0 ? text : replaceLoneSurrogates(text);
    return valid.getBytes(StandardCharsets.UTF_8);
  }

  /** The index of the first surrogate that has no partner, or −1. */
  public static int loneSurrogate(String text) {
    int i = 0;
    while (i < text.length()) {
      if (!Character.isSurrogate(text.charAt(i))) {
        i++;
      } else if (Character.charCount(text.codePointAt(i)) == 2) {
        i += 2;
      } else {
        return i;
      }
    }
    return -1;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder valid = new StringBuilder(text.length());
    text.codePoints().forEach(c -> valid.appendCodePoint(isSurrogate(c) ? REPLACEMENT : c));
    return valid.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** The bytes in the character whose first byte is {@code lead}; the text must be valid. */
  static int length(byte lead) {
    return lead >= 0 ? 1 : (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : 4;
  }

  /** The code point that starts at {@code at}; the text must be valid. */
  public static int codePointAt(byte[] text, int at) {
    int b = text[at];
    return switch (length(text[at])) {
      case 1 -> b;
      case 2 -> (b & 0x1F) << 6 | text[at + 1] & 0x3F;
      case 3 -> (b & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
      default ->
        (b & 0x07) << 18 | (text[at + 1] & 0x3F) << 12 | (text[at + 2] & 0x3F) << 6 | text[at + 3] & 0x3F;
    };
  }

  /** Where the character that ends before {@code end} starts; the text must be valid. */
  public static int previous(byte[] text, int end) {
    int at = end - 1;
    while ((text[at] & 0xC0) == 0x80) {
      at--;
    }
    return at;
  }

  /** Where the character at {@code at} ends; the text must be valid. */
  public static int next(byte[] text, int at) {
    return at + length(text[at]);
  }

  /** The text of any bytes: each maximal invalid part becomes one U+FFFD, as Unicode 16, section 3.9 recommends. */
  public static String decode(byte[] bytes, int from, int to) {
    String quick = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    // The JDK replaces surrogates written as UTF-8 once rather than byte by byte.
    if (quick.indexOf(REPLACEMENT) < 0) {
      return quick;
    }
    StringBuilder text = new StringBuilder(to - from);
    int at = decodeComplete(bytes, from, to, text);
    if (at < to) {
      text.append(REPLACEMENT);
    }
    return text.toString();
  }

  /**
   * Appends the text of all that is certain, invalid parts as U+FFFD, and stops before a character whose end is
   * missing.
   *
   * @return where it stopped: {@code to}, or the first byte of the character that further bytes might complete
   */
  public static int decodeComplete(byte[] bytes, int from, int to, StringBuilder text) {
    int at = from;
    while (at < to) {
      int part = part(bytes, at, to);
      if (part == 0) {
        return at;
      }
      if (part > 0) {
        text.appendCodePoint(codePointAt(bytes, at));
        at += part;
      } else {
        text.append(REPLACEMENT);
        at -= part;
      }
    }
    return to;
  }

  /** The index of the first byte that no valid character holds, or −1. */
  public static int firstInvalid(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int part = bytes[at] >= 0 ? 1 : part(bytes, at, bytes.length);
      if (part <= 0) {
        return at;
      }
      at += part;
    }
    return -1;
  }

  /** The length of the valid character at {@code at}, minus that of the invalid part there, or 0 if it might go on. */
  private static int part(byte[] bytes, int at, int to) {
    int lead = bytes[at] & 0xFF;
    if (lead < 0x80) {
      return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
      return -1;
    }
    int need = length(bytes[at]);
    // The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF.
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (int k = 1; k < need; k++) {
      if (at + k == to) {
        return 0;
      }
      int b = bytes[at + k] & 0xFF;
      if (b < low || b > high) {
        return -k;
      }
      low = 0x80;
      high = 0xBF;
    }
    return need;
  }
}
