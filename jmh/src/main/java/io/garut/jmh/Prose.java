package io.garut.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Text that no one wrote, made alike on every run: words of syllables, as frequent as Zipf's law has it, with capitals,
 * numbers, punctuation, paragraphs, and now and then a letter beyond ASCII.
 */
final class Prose {
  private static final String[] ONSETS =
      "b c d f g h j k l m n p r s t v w z br ch cl fr gr pl sh sl st th tr".split(" ");
  private static final String[] VOWELS = "a e i o u a e i o ai ea ee ie oa ou é".split(" ");
  private static final String[] CODAS = {"", "", "", "n", "r", "s", "t", "l", "nd", "st", "ng", "ck"};
  private static final int WORDS = 20_000;

  private final SplittableRandom random;
  private final List<String> words = new ArrayList<>();
  private final double[] cumulative = new double[WORDS];

  private Prose(long seed) {
    random = new SplittableRandom(seed);
    double total = 0;
    for (int i = 0; i < WORDS; i++) {
      words.add(word());
      total += 1.0 / (i + 2.7); // Mandelbrot's correction for the most frequent words
      cumulative[i] = total;
    }
  }

  /** Some {@code characters} characters. */
  static String ofLength(int characters, long seed) {
    return new Prose(seed).text(characters);
  }

  private String word() {
    StringBuilder word = new StringBuilder();
    for (int left = 1 + random.nextInt(2) + random.nextInt(2); left > 0; left--) {
      word.append(any(ONSETS)).append(any(VOWELS)).append(any(CODAS));
    }
    return word.toString();
  }

  private String any(String[] choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String text(int characters) {
    StringBuilder text = new StringBuilder(characters + 200);
    while (text.length() < characters) {
      int length = 4 + random.nextInt(16);
      for (int i = 0; i < length; i++) {
        String word = random.nextInt(40) == 0 ? String.valueOf(random.nextInt(2100)) : next();
        if (i == 0) {
          word = Character.toUpperCase(word.charAt(0)) + word.substring(1);
        }
        text.append(i == 0 ? "" : random.nextInt(9) == 0 ? ", " : " ").append(word);
      }
      text.append(random.nextInt(8) == 0 ? "?" : ".").append(random.nextInt(6) == 0 ? "\n\n" : " ");
    }
    return text.substring(0, characters);
  }

  private String next() {
    double at = random.nextDouble(cumulative[WORDS - 1]);
    int found = Arrays.binarySearch(cumulative, at);
    return words.get(found < 0 ? Math.min(-found - 1, WORDS - 1) : found);
  }
}
