package io.garut.train.data.tokens;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.Example;
import io.garut.train.data.batch.Examples;

/**
 * Part of a file of tokens as windows of a context's length. Each begins with the last token of the one before it, so
 * every token but the first of all is learnt once; the last window may be shorter. Documents are not kept apart: as in
 * GPT-NeoX's own training, the end-of-text token tells a model that another begins.
 *
 * @param length tokens in a window, at least two
 * @param from the first token
 * @param to one more than the last, at least two tokens beyond {@code from}
 */
public record TokenWindows(TokenFile file, int length, long from, long to) implements Examples {
  /** A file taken apart: what is trained on, and what is only evaluated. */
  public record Split(TokenWindows train, TokenWindows test) {}

  /** Checks the bounds. */
  public TokenWindows {
    if (length < 2) {
      throw new IllegalArgumentException("a window of " + length + " tokens teaches nothing: two are the least");
    }
    if (from < 0 || to > file.size() || to - from < 2) {
      throw new IllegalArgumentException(
          "tokens " + from + " to " + to + " of " + file.file() + ", which has " + file.size()
              + ", cannot be learnt from: two tokens are the least");
    }
    if ((to - from) / (length - 1) >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          file.file() + ": " + (to - from) + " tokens are too many windows of " + length + "; take a longer context");
    }
  }

  /** The whole file. */
  public static TokenWindows of(TokenFile file, int length) {
    return new TokenWindows(file, length, 0, file.size());
  }

  /**
   * Keeps the last windows for evaluation.
   *
   * @param testWindows how many; one at least must be left to train on
   */
  public Split split(int testWindows) {
    if (testWindows < 1 || testWindows >= size()) {
      throw new IllegalArgumentException(
          testWindows + " windows cannot be taken for evaluation out of " + size() + ": one at least, and one is left");
    }
    long border = start(size() - testWindows);
    return new Split(
        new TokenWindows(file, length, from, border + 1), new TokenWindows(file, length, border, to));
  }

  private long start(int index) {
    return from + (long) index * (length - 1);
  }

  @Override
  public int size() {
    return (int) Math.ceilDiv(to - from - 1, (long) length - 1);
  }

  @Override
  public int length(int index) {
    return (int) Math.min(length, to - start(index));
  }

  @Override
  public Example get(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException("there is no window " + index + " of " + size());
    }
    return Example.of(file.read(start(index), length(index)));
  }

  @Override
  public long fingerprint() {
    return SplitMix64.bits(SplitMix64.bits(SplitMix64.bits(file.hash(), length), from), to);
  }
}
