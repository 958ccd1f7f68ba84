package io.garut.tensor.reference;

/**
 * The k first of n numbered elements in an order, the smaller number first among equals; n·log k comparisons. For one
 * thread.
 */
final class Best {
  private final int[] heap; // the last of those kept is at its root
  private int size;
  private Order order;

  /** How two elements stand: positive if {@code i} goes before {@code j}, 0 if they are equal. */
  @FunctionalInterface
  interface Order {
    int compare(int i, int j);
  }

  /** For the {@code k} first. */
  Best(int k) {
    heap = new int[k];
  }

  /** Finds them among the elements 0 to {@code count − 1}, at least k. */
  void select(int count, Order by) {
    order = by;
    size = 0;
    for (int i = 0; i < count && heap.length > 0; i++) {
      if (size < heap.length) {
        heap[size++] = i;
        rise(size - 1);
      } else if (isBefore(i, heap[0])) {
        heap[0] = i;
        sink(size);
      }
    }
    for (int end = size - 1; end > 0; end--) { // the last goes to the end, and so on
      swap(0, end);
      sink(end);
    }
  }

  /** The element at {@code place} of the order. */
  int get(int place) {
    return heap[place];
  }

  private boolean isBefore(int i, int j) {
    int difference = order.compare(i, j);
    return difference > 0 || difference == 0 && i < j;
  }

  private void rise(int from) {
    for (int at = from; at > 0 && isBefore(heap[(at - 1) / 2], heap[at]); at = (at - 1) / 2) {
      swap(at, (at - 1) / 2);
    }
  }

  private void sink(int end) {
    for (int at = 0; 2 * at + 1 < end; ) {
      int child = 2 * at + 1;
      if (child + 1 < end && isBefore(heap[child], heap[child + 1])) {
        child++;
      }
      if (isBefore(heap[child], heap[at])) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private void swap(int a, int b) {
    int kept = heap[a];
    heap[a] = heap[b];
    heap[b] = kept;
  }
}
