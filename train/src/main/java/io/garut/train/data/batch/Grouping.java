package io.garut.train.data.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How shuffled examples become micro-batches. Examples are put one after another, so none is padded. */
public sealed interface Grouping {
  /**
   * So many examples each, as Dolly does; the last of an epoch may have fewer.
   *
   * @param examples at least one
   */
  record Count(int examples) implements Grouping {
    /** Checks the number. */
    public Count {
      if (examples < 1) {
        throw new IllegalArgumentException("a micro-batch needs one example at least, not " + examples);
      }
    }
  }

  /**
   * As many examples as have room: first fit. Each example goes into the first of the open micro-batches that has room
   * for it, or opens a new one; where more than {@code open} would be open, the oldest is closed first. So the order stays
   * near the shuffled one. Micro-batches come in the order in which they are closed.
   *
   * @param budget tokens in a micro-batch; no example may have more
   * @param open at least one
   */
  record Tokens(int budget, int open) implements Grouping {
    private static final int OPEN = 64;

    /** Checks the numbers. */
    public Tokens {
      if (budget < 1 || open < 1) {
        throw new IllegalArgumentException(
            "packing needs a budget of one token and one open micro-batch at least, not " + budget + " and " + open);
      }
    }

    /** Up to 64 micro-batches are open. */
    public Tokens(int budget) {
      this(budget, OPEN);
    }
  }

  /** The numbers in {@code order}, grouped. */
  default List<int[]> group(int[] order, Examples examples) {
    return switch (this) {
      case Count count -> {
        List<int[]> groups = new ArrayList<>();
        for (int from = 0; from < order.length; from += count.examples()) {
          int to = Math.min(order.length - from, count.examples()) + from;
          groups.add(Arrays.copyOfRange(order, from, to));
        }
        yield groups;
      }
      case Tokens tokens -> new Packing(tokens, examples).pack(order);
    };
  }
}
