package io.garut.transformer.tokenizer.bpe;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;

/**
 * Where the Unicode versions that tokenizers 0.23 was built on differ from the JDK's 16: normalization knows about
 * version 10, lower case and digits version 17; letters, numbers and white space of the splitting are version 16's.
 *
 * <p>Found by comparing every code point, for normalization also beside marks of combining class 1 and 240.
 */
final class UnicodeTables {
  /** First and last code points of ranges that newer tables decompose, compose or reorder. */
  private static final int[] CANONICAL = {
    0x7FD, 0x7FD, 0x897, 0x89F, 0x8CA, 0x8D3, 0x9FE, 0x9FE, 0xC3C, 0xC3C, 0xD3B, 0xD3C, 0xEBA, 0xEBA, 0x1715, 0x1715,
    0x1ABF, 0x1ACE, 0x1DF6, 0x1DFA, 0xA82C, 0xA82C, 0x105C9, 0x105C9, 0x105D2, 0x105D2, 0x105DA, 0x105DA, 0x105E4,
    0x105E4, 0x10D24, 0x10D27, 0x10D69, 0x10D6D, 0x10EAB, 0x10EAC, 0x10EFD, 0x10EFF, 0x10F46, 0x10F50, 0x10F82,
    0x10F85, 0x11070, 0x11070, 0x1133B, 0x1133B, 0x11382, 0x11385, 0x1138B, 0x1138B, 0x1138E, 0x1138E, 0x11390,
    0x11391, 0x113B8, 0x113B8, 0x113BB, 0x113BB, 0x113C2, 0x113C2, 0x113C5, 0x113C5, 0x113C7, 0x113C9, 0x113CE,
    0x113D0, 0x1145E, 0x1145E, 0x11839, 0x1183A, 0x11930, 0x11930, 0x11935, 0x11935, 0x11938, 0x11938, 0x1193D,
    0x1193E, 0x11943, 0x11943, 0x119E0, 0x119E0, 0x11A34, 0x11A34, 0x11A47, 0x11A47, 0x11A99, 0x11A99, 0x11D42,
    0x11D42, 0x11D44, 0x11D45, 0x11D97, 0x11D97, 0x11F41, 0x11F42, 0x1611E, 0x16129, 0x1612F, 0x1612F, 0x16D63,
    0x16D63, 0x16D67, 0x16D6A, 0x16FF0, 0x16FF1, 0x1E08F, 0x1E08F, 0x1E130, 0x1E136, 0x1E2AE, 0x1E2AE, 0x1E2EC,
    0x1E2EF, 0x1E4EC, 0x1E4EF, 0x1E5EE, 0x1E5EF,
  };

  /** Ranges that only the compatibility forms of newer tables decompose. */
  private static final int[] COMPATIBILITY = {
    0x32FF, 0x32FF, 0xA7F2, 0xA7F4, 0xAB69, 0xAB69, 0x10781, 0x10785, 0x10787, 0x107B0, 0x107B2, 0x107BA, 0x1CCD6,
    0x1CCF9, 0x1E030, 0x1E06D, 0x1F16C, 0x1F16C, 0x1FBF0, 0x1FBF9,
  };

  private UnicodeTables() {}

  /**
   * The text in this form, by the older tables. Characters added since are inert there: they neither decompose, compose
   * nor move. Unicode's stability policy keeps everything else the same for ever, so the JDK's tables give the old
   * result if text is cut at the newer characters.
   */
  static String normalize(String text, Form form) {
    // Text that newer tables leave alone, older ones leave alone too: they know less to change.
    if (Normalizer.isNormalized(text, form)) {
      return text;
    }
    boolean compatible = form == Form.NFKC || form == Form.NFKD;
    StringBuilder normalized = new StringBuilder(text.length());
    int start = 0;
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      int next = at + Character.charCount(c);
      if (holds(CANONICAL, c) || compatible && holds(COMPATIBILITY, c)) {
        normalized.append(Normalizer.normalize(text.substring(start, at), form)).appendCodePoint(c);
        start = next;
      }
      at = next;
    }
    return normalized.append(Normalizer.normalize(text.substring(start), form)).toString();
  }

  /** The lower case of one code point where that is one code point. */
  static int toLowerCase(int c) {
    return c >= 0x16EA0 && c <= 0x16EB8 ? c + 0x1B // Beria Erfe
        : c == 0xA7CE || c == 0xA7D2 || c == 0xA7D4 ? c + 1
        : Character.toLowerCase(c);
  }

  /** Whether this is a number of any kind. */
  static boolean isNumeric(int c) {
    return WordScanner.isNumber(c) || c >= 0x11DE0 && c <= 0x11DE9 || c >= 0x16FF4 && c <= 0x16FF6;
  }

  private static boolean holds(int[] ranges, int c) {
    if (c < ranges[0]) {
      return false;
    }
    int found = Arrays.binarySearch(ranges, c);
    // Between two bounds, an even number of them below c is a gap.
    return found >= 0 || (-found - 1) % 2 == 1;
  }
}
