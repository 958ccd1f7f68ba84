package io.garut.transformer.tokenizer.bpe;

import java.util.Arrays;

/**
 * Remembers the ids of words lately seen. Fixed size: a word takes the place of another with the same slot.
 *
 * <p>Threads share it without locks: entries are immutable, so a race costs at most a word that is merged again.
 */
public final class WordCache {
  /** Longer words seldom come back; with this bound the cache holds a few megabytes at most. */
  public static final int LONGEST_WORD = 48;

  private static final int SLOTS = 1 << 14;

  private record Entry(byte[] word, int[] ids) {}

  private final Entry[] entries = new Entry[SLOTS];

  /** The ids of the word between {@code from} and {@code to}, or null; not to be changed. */
  public int[] get(byte[] text, int from, int to) {
    Entry entry = entries[slot(text, from, to)];
    return entry != null && Arrays.equals(entry.word, 0, entry.word.length, text, from, to) ? entry.ids : null;
  }

  /** Remembers these ids, which the cache then owns. */
  public void put(byte[] text, int from, int to, int[] ids) {
    entries[slot(text, from, to)] = new Entry(Arrays.copyOfRange(text, from, to), ids);
  }

  private static int slot(byte[] text, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + text[i];
    }
    return hash * 0x9E3779B9 >>> 32 - 14;
  }
}
