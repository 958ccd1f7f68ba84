package io.garut.transformer.tokenizer.bpe;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the leftmost occurrence of any of several literals in UTF-8 text, the longest of those that start there.
 *
 * <p>A trie over bytes. A search costs the text's length times the longest literal's at worst; text in which no
 * literal's first byte occurs costs one look-up a byte.
 */
public final class LiteralMatcher {
  private final int[] roots = new int[256];
  private final int[] outputs;
  // Children below the roots: open addressing, key node << 8 | byte (never 0, as node 0 is the root).
  private final long[] keys;
  private final int[] children;

  /** Where a literal was found; filled by {@link LiteralMatcher#find}. */
  public static final class Match {
    private int start;
    private int end;
    private int literal;

    /** The first byte of the occurrence. */
    public int start() {
      return start;
    }

    /** The byte after the occurrence. */
    public int end() {
      return end;
    }

    /** The literal's index in the list that the matcher was made from. */
    public int literal() {
      return literal;
    }
  }

  /** A matcher for these literals, none of them empty; of two equal ones the later counts. */
  public LiteralMatcher(List<byte[]> literals) {
    int nodes = 1 + literals.stream().mapToInt(literal -> literal.length).sum();
    outputs = new int[nodes];
    Arrays.fill(outputs, -1);
    int capacity = Integer.highestOneBit(Math.max(8, nodes)) << 2;
    keys = new long[capacity];
    children = new int[capacity];
    int next = 1;
    for (int i = 0; i < literals.size(); i++) {
      byte[] literal = literals.get(i);
      int node = roots[literal[0] & 0xFF];
      if (node == 0) {
        node = next++;
        roots[literal[0] & 0xFF] = node;
      }
      for (int k = 1; k < literal.length; k++) {
        int slot = slot(node, literal[k]);
        if (keys[slot] == 0) {
          keys[slot] = key(node, literal[k]);
          children[slot] = next++;
        }
        node = children[slot];
      }
      outputs[node] = i;
    }
  }

  /** Finds the next literal at or after {@code from}; false if there is none before {@code to}. */
  public boolean find(byte[] text, int from, int to, Match match) {
    for (int at = from; at < to; at++) {
      int node = roots[text[at] & 0xFF];
      int found = -1;
      int end = at;
      for (int k = at + 1; node != 0; k++) {
        if (outputs[node] >= 0) {
          found = outputs[node];
          end = k;
        }
        if (k == to) {
          break;
        }
        int slot = slot(node, text[k]);
        node = keys[slot] == 0 ? 0 : children[slot];
      }
      if (found >= 0) {
        match.start = at;
        match.end = end;
        match.literal = found;
        return true;
      }
    }
    return false;
  }

  private static long key(int node, byte b) {
    return (long) node << 8 | b & 0xFF;
  }

  /** The slot that holds this key, or the empty one where it would go. */
  private int slot(int node, byte b) {
    long key = key(node, b);
    int mask = keys.length - 1;
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 40) & mask;
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
