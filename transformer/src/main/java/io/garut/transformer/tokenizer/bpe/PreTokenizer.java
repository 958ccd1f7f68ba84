package io.garut.transformer.tokenizer.bpe;

import java.util.List;

/** How text is cut into the words that are merged one by one: the pre-tokenizers that byte-level BPE meets. */
public sealed interface PreTokenizer {
  /** Takes the words in order, as ranges of UTF-8 that are never empty. */
  interface Words {
    /** One word. */
    void word(byte[] text, int from, int to);
  }

  /** Hands the words of this range, which is not empty, to {@code words}. */
  void split(byte[] text, int from, int to, Words words);

  /** GPT-2's own: optionally a space before text that lacks one, optionally {@link WordScanner}'s splitting. */
  record ByteLevel(boolean addPrefixSpace, boolean useRegex) implements PreTokenizer {
    @Override
    public void split(byte[] text, int from, int to, Words words) {
      byte[] spaced = text;
      int start = from;
      int end = to;
      if (addPrefixSpace && text[from] != ' ') {
        spaced = new byte[to - from + 1];
        spaced[0] = ' ';
        System.arraycopy(text, from, spaced, 1, to - from);
        start = 0;
        end = spaced.length;
      }
      if (!useRegex) {
        words.word(spaced, start, end);
        return;
      }
      while (start < end) {
        int next = WordScanner.end(spaced, start, end);
        words.word(spaced, start, next);
        start = next;
      }
    }
  }

  /** Numbers apart from other text, each digit by itself or runs of them together. */
  record Digits(boolean individual) implements PreTokenizer {
    @Override
    public void split(byte[] text, int from, int to, Words words) {
      int start = from;
      boolean digits = false;
      for (int at = from; at < to; at = Utf8.next(text, at)) {
        boolean digit = UnicodeTables.isNumeric(Utf8.codePointAt(text, at));
        if (at > start && (digit != digits || digit && individual)) {
          words.word(text, start, at);
          start = at;
        }
        digits = digit;
      }
      words.word(text, start, to);
    }
  }

  /** Several cuts one after another, each within the words of the one before. */
  record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
    public Sequence {
      steps = List.copyOf(steps);
    }

    @Override
    public void split(byte[] text, int from, int to, Words words) {
      step(0, text, from, to, words);
    }

    private void step(int index, byte[] text, int from, int to, Words words) {
      if (index == steps.size()) {
        words.word(text, from, to);
      } else {
        steps.get(index).split(text, from, to, (t, f, e) -> step(index + 1, t, f, e, words));
      }
    }
  }
}
