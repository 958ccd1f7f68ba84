package io.garut.transformer.tokenizer;

import java.util.Arrays;

/** A growing array of ids. */
final class IntList {
  private int[] values;
  private int size;

  IntList(int capacity) {
    values = new int[capacity];
  }

  void add(int value) {
    reserve(1);
    values[size++] = value;
  }

  void addAll(int[] added) {
    addAll(added, added.length);
  }

  /** Adds the first {@code count} of these. */
  void addAll(int[] added, int count) {
    reserve(count);
    // Most words are one or two ids: too few for a bulk copy to pay.
    for (int i = 0; i < count; i++) {
      values[size + i] = added[i];
    }
    size += count;
  }

  private void reserve(int more) {
    if (values.length - size < more) {
      values = Arrays.copyOf(values, Math.addExact(size, Math.max(more, size / 2 + 8)));
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  int last() {
    return values[size - 1];
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
