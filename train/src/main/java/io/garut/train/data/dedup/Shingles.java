package io.garut.train.data.dedup;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.Message;
import io.garut.train.data.TrainingRecord;
import java.util.Arrays;
import java.util.Locale;
import java.util.PrimitiveIterator;

/**
 * The set of runs of five words that a text has, as hashes of 64 bits: words are letters and digits, in lower case; an
 * ideograph is a word. A text of fewer words has one run, all of it; one without words is a word itself.
 */
final class Shingles {
  /** Words in a run. */
  static final int WORDS = 5;

  private Shingles() {}

  /** What a record says, as one text. */
  static String text(TrainingRecord record) {
    return switch (record) {
      case TrainingRecord.Instruction r -> r.instruction() + "\n" + r.context() + "\n" + r.response();
      case TrainingRecord.Conversation r -> String.join("\n", r.messages().stream().map(Message::content).toList());
      case TrainingRecord.Completion r -> r.prompt() + r.completion();
      case TrainingRecord.Document r -> r.text();
    };
  }

  /** The distinct runs of {@code text}, sorted; never empty. */
  static long[] of(String text) {
    long[] words = words(text.toLowerCase(Locale.ROOT));
    if (words.length == 0) {
      words = new long[] {text.codePoints().asLongStream().reduce(0, SplitMix64::bits)};
    }
    int count = Math.max(1, words.length - WORDS + 1);
    long[] runs = new long[count];
    for (int i = 0; i < count; i++) {
      long hash = 0;
      for (int k = i; k < Math.min(words.length, i + WORDS); k++) {
        hash = SplitMix64.bits(hash, words[k]);
      }
      runs[i] = hash;
    }
    return Arrays.stream(runs).sorted().distinct().toArray();
  }

  private static long[] words(String text) {
    long[] words = new long[16];
    int count = 0;
    long word = 0;
    boolean open = false;
    for (PrimitiveIterator.OfInt points = text.codePoints().iterator(); points.hasNext(); ) {
      int point = points.nextInt();
      boolean letter = Character.isLetterOrDigit(point);
      boolean whole = letter && Character.isIdeographic(point);
      if (open && (!letter || whole)) {
        words = count == words.length ? Arrays.copyOf(words, 2 * count) : words;
        words[count++] = word;
        open = false;
      }
      if (whole) {
        words = count == words.length ? Arrays.copyOf(words, 2 * count) : words;
        words[count++] = SplitMix64.bits(0, point);
      } else if (letter) {
        word = SplitMix64.bits(open ? word : 0, point);
        open = true;
      }
    }
    if (open) {
      words = Arrays.copyOf(words, count + 1);
      words[count++] = word;
    }
    return Arrays.copyOf(words, count);
  }

  /** |a ∩ b| / |a ∪ b| of two sorted sets. */
  static double jaccard(long[] a, long[] b) {
    int common = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        common++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return (double) common / (a.length + b.length - common);
  }
}
