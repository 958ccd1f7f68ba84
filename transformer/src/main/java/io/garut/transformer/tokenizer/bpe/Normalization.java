package io.garut.transformer.tokenizer.bpe;

import java.text.Normalizer.Form;
import java.util.List;

/** What is done to text before it is split into words: the normalizers that byte-level BPE meets. */
public sealed interface Normalization {
  /** The normalised text. */
  String apply(String text);

  /**
   * The smallest byte, as UTF-8 unsigned, that text must hold for {@link #apply} to change it: 256 if nothing ever
   * does, 0 if any text may be changed.
   */
  int firstAffectedByte();

  /** Whether {@link #apply} certainly leaves this UTF-8 text as it is. */
  default boolean leaves(byte[] text, int from, int to) {
    int first = firstAffectedByte();
    for (int i = from; i < to; i++) {
      if ((text[i] & 0xFF) >= first) {
        return false;
      }
    }
    return true;
  }

  /** One of Unicode's normalization forms. */
  record Unicode(Form form) implements Normalization {
    @Override
    public String apply(String text) {
      return UnicodeTables.normalize(text, form);
    }

    @Override
    public int firstAffectedByte() {
      // Nothing below U+0300 (UTF-8 CC 80) composes or is reordered; other forms change characters from U+00A0 on.
      return form == Form.NFC ? 0xCC : 0x80;
    }
  }

  /** Each code point in lower case by itself, in no language: a capital sigma is never a final one. */
  record Lowercase() implements Normalization {
    @Override
    public String apply(String text) {
      StringBuilder lower = new StringBuilder(text.length());
      text.codePoints().forEach(c -> {
        if (c == 0x130) {
          lower.append("i\u0307"); // the only code point whose lower case is two
        } else {
          lower.appendCodePoint(UnicodeTables.toLowerCase(c));
        }
      });
      return lower.toString();
    }

    @Override
    public int firstAffectedByte() {
      return 0;
    }
  }

  /** Puts {@code prefix} before text that is not empty. */
  record Prepend(String prefix) implements Normalization {
    @Override
    public String apply(String text) {
      return text.isEmpty() ? text : prefix + text;
    }

    @Override
    public int firstAffectedByte() {
      return 0;
    }
  }

  /**
   * Replaces each occurrence of a literal, from left to right. A few replacements one after another could make
   * gigabytes of a line, so what they make longer has a limit.
   */
  record Replace(String literal, String replacement) implements Normalization {
    private static final int LONGEST_RESULT = 1 << 24;

    @Override
    public String apply(String text) {
      long length = text.length();
      int growth = replacement.length() - literal.length();
      int at = growth > 0 ? text.indexOf(literal) : -1;
      while (at >= 0) {
        length += growth;
        at = text.indexOf(literal, at + literal.length());
      }
      if (growth > 0 && length > LONGEST_RESULT) {
        throw new IllegalArgumentException("the tokenizer's normalizer makes " + length + " characters of "
            + text.length() + "; at most " + LONGEST_RESULT + " are worked on: encode the text in parts");
      }
      return text.replace(literal, replacement);
    }

    @Override
    public int firstAffectedByte() {
      return 0;
    }
  }

  /** Several steps one after another; none at all leaves text as it is. */
  record Sequence(List<Normalization> steps) implements Normalization {
    public Sequence {
      steps = List.copyOf(steps);
    }

    @Override
    public String apply(String text) {
      String normalized = text;
      for (Normalization step : steps) {
        normalized = step.apply(normalized);
      }
      return normalized;
    }

    @Override
    public int firstAffectedByte() {
      return steps.stream().mapToInt(Normalization::firstAffectedByte).min().orElse(256);
    }
  }
}
