package io.garut.train;

import io.garut.train.autograd.Gradients;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Adds up the gradients of micro-batches along one binary tree over their indices, whichever of them a rank computes: the
 * bits of the sum do not depend on how they are spread. Holds as many at a time as the tree is deep.
 */
final class GradientSum implements AutoCloseable {
  private record Part(Gradients gradients, int level) {}

  private final Deque<Part> parts = new ArrayDeque<>(); // the last one first, levels rising from it

  /** Takes those of the next micro-batch over. */
  void add(Gradients gradients) {
    int level = 0;
    Gradients sum = gradients;
    while (!parts.isEmpty() && parts.peek().level == level) {
      sum = joined(parts.pop().gradients, sum);
      level++;
    }
    parts.push(new Part(sum, level));
  }

  /** Ends with the sum of all, or null if there were none; the caller closes it. */
  Gradients finish() {
    if (parts.isEmpty()) {
      return null;
    }
    Gradients sum = parts.pop().gradients;
    while (!parts.isEmpty()) { // a number of micro-batches that is no power of two leaves several
      sum = joined(parts.pop().gradients, sum);
    }
    return sum;
  }

  private static Gradients joined(Gradients earlier, Gradients later) {
    try (later) {
      earlier.add(later);
      return earlier;
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.gradients.close());
    parts.clear();
  }
}
