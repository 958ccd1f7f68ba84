package io.garut.train.data.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** First fit into a bounded number of open micro-batches. */
final class Packing {
  private final Grouping.Tokens tokens;
  private final Examples examples;
  private final Deque<Bin> open = new ArrayDeque<>();
  private final List<int[]> closed = new ArrayList<>();

  Packing(Grouping.Tokens tokens, Examples examples) {
    this.tokens = tokens;
    this.examples = examples;
  }

  List<int[]> pack(int[] order) {
    for (int index : order) {
      int length = examples.length(index);
      if (length > tokens.budget()) {
        throw new IllegalArgumentException(
            "example " + index + " has " + length + " tokens, a micro-batch holds " + tokens.budget()
                + "; raise the budget or leave longer examples out");
      }
      binFor(length).add(index, length);
    }
    open.forEach(bin -> closed.add(bin.indices()));
    return closed;
  }

  private Bin binFor(int length) {
    for (Bin bin : open) {
      if (bin.length + length <= tokens.budget()) {
        return bin;
      }
    }
    if (open.size() == tokens.open()) {
      closed.add(open.removeFirst().indices());
    }
    Bin bin = new Bin();
    open.addLast(bin);
    return bin;
  }

  private static final class Bin {
    private final List<Integer> indices = new ArrayList<>();
    private int length;

    void add(int index, int more) {
      indices.add(index);
      length += more;
    }

    int[] indices() {
      return indices.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
