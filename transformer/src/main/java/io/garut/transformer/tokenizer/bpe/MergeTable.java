package io.garut.transformer.tokenizer.bpe;

import java.util.Arrays;

/**
 * The merges of a byte pair encoding (Sennrich, Haddow, Birch 2016) and their application to one word: again and again
 * the pair of lowest rank is merged, the leftmost of equals.
 */
public final class MergeTable {
  private static final long NONE = Long.MAX_VALUE;
  private static final int SHORT = 48;

  // Open addressing, two longs an entry: the pair plus one (0 is empty), and rank << 32 | id of what it becomes.
  private final long[] entries;
  private final int mask;

  /** Room for {@code merges} merges. */
  public MergeTable(int merges) {
    int capacity = Integer.highestOneBit(Math.max(8, merges)) << 2;
    entries = new long[2 * capacity];
    mask = capacity - 1;
  }

  /** Adds a merge; given twice, the pair keeps the later rank. */
  public void put(int left, int right, int rank, int id) {
    int at = find(left, right);
    entries[at] = key(left, right);
    entries[at + 1] = (long) rank << 32 | id;
  }

  /** The rank of a pair in the upper half and the merged id in the lower, or {@link Long#MAX_VALUE}. */
  private long get(int left, int right) {
    int at = find(left, right);
    return entries[at] == 0 ? NONE : entries[at + 1];
  }

  private static long key(int left, int right) {
    return ((long) left << 32 | right) + 1;
  }

  private int find(int left, int right) {
    long key = key(left, right);
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (entries[2 * slot] != 0 && entries[2 * slot] != key) {
      slot = slot + 1 & mask;
    }
    return 2 * slot;
  }

  /**
   * Merges the first {@code count} symbols in place.
   *
   * @return how many are left, at the front of {@code symbols}
   */
  public int merge(int[] symbols, int count) {
    return count <= SHORT ? mergeShort(symbols, count) : mergeLong(symbols, count);
  }

  /** Quadratic, but for words of ordinary length faster than a heap. */
  private int mergeShort(int[] symbols, int count) {
    long[] pairs = new long[Math.max(0, count - 1)];
    for (int i = 0; i + 1 < count; i++) {
      pairs[i] = get(symbols[i], symbols[i + 1]);
    }
    int n = count;
    while (n > 1) {
      int best = 0;
      for (int i = 1; i < n - 1; i++) {
        if (pairs[i] < pairs[best]) {
          best = i;
        }
      }
      if (pairs[best] == NONE) {
        break;
      }
      symbols[best] = (int) pairs[best];
      n--;
      for (int i = best + 1; i < n; i++) {
        symbols[i] = symbols[i + 1];
        pairs[i - 1] = pairs[i];
      }
      if (best > 0) {
        pairs[best - 1] = get(symbols[best - 1], symbols[best]);
      }
      if (best < n - 1) {
        pairs[best] = get(symbols[best], symbols[best + 1]);
      }
    }
    return n;
  }

  /** A heap of candidates over a linked list of symbols: n log n, for runs without spaces. */
  private int mergeLong(int[] symbols, int count) {
    int[] next = new int[count];
    int[] previous = new int[count];
    Candidates candidates = new Candidates(count);
    for (int i = 0; i < count; i++) {
      next[i] = i + 1 < count ? i + 1 : -1;
      previous[i] = i - 1;
      if (i + 1 < count) {
        candidates.offer(get(symbols[i], symbols[i + 1]), i);
      }
    }
    while (!candidates.isEmpty()) {
      long top = candidates.poll();
      int at = (int) top;
      int right = symbols[at] < 0 ? -1 : next[at];
      if (right < 0) {
        continue;
      }
      long pair = get(symbols[at], symbols[right]);
      if (pair == NONE || pair >>> 32 != top >>> 32) {
        continue; // one of the two has been merged since
      }
      symbols[at] = (int) pair;
      symbols[right] = -1;
      next[at] = next[right];
      if (next[at] >= 0) {
        previous[next[at]] = at;
        candidates.offer(get(symbols[at], symbols[next[at]]), at);
      }
      if (previous[at] >= 0) {
        candidates.offer(get(symbols[previous[at]], symbols[at]), previous[at]);
      }
    }
    int n = 0;
    for (int i = 0; i >= 0; i = next[i]) {
      symbols[n++] = symbols[i];
    }
    return n;
  }

  /** A binary heap of rank << 32 | position, smallest first. */
  private static final class Candidates {
    private long[] heap;
    private int size;

    Candidates(int capacity) {
      heap = new long[capacity];
    }

    boolean isEmpty() {
      return size == 0;
    }

    void offer(long pair, int position) {
      if (pair == NONE) {
        return;
      }
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size + (size >> 1) + 8);
      }
      long value = pair & 0xFFFFFFFF_00000000L | position;
      int at = size++;
      while (at > 0 && heap[at - 1 >> 1] > value) {
        heap[at] = heap[at - 1 >> 1];
        at = at - 1 >> 1;
      }
      heap[at] = value;
    }

    long poll() {
      long top = heap[0];
      long last = heap[--size];
      int at = 0;
      for (int child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && heap[child + 1] < heap[child]) {
          child++;
        }
        if (heap[child] >= last) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
      return top;
    }
  }
}
