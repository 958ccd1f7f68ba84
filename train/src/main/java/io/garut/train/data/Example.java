package io.garut.train.data;

import java.util.Arrays;

/**
 * A record as tokens: what a model reads and what it learns. The labels are Transformers': {@code labels[i]} is
 * {@code ids[i]} where that token is to be learnt from those before it, and {@link #IGNORE} where it is only read.
 * The first token has nothing before it, so its label is never used.
 *
 * @param ids tokens
 * @param labels as many
 */
public record Example(int[] ids, int[] labels) {
  /** The label of a token that is not learnt. */
  public static final int IGNORE = io.garut.tensor.op.Layer.CrossEntropy.IGNORE;

  /** Checks the lengths. */
  public Example {
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(ids.length + " tokens have " + labels.length + " labels");
    }
  }

  /** An example of which all is learnt. */
  public static Example of(int[] ids) {
    return new Example(ids, ids);
  }

  /** An example of which the first {@code prompt} tokens are only read. */
  public static Example after(int prompt, int[] ids) {
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, Math.min(prompt, ids.length), IGNORE);
    return new Example(ids, labels);
  }

  /** The number of tokens. */
  public int length() {
    return ids.length;
  }

  /** How many tokens are learnt. */
  public int learnt() {
    int count = 0;
    for (int i = 1; i < labels.length; i++) {
      count += labels[i] == IGNORE ? 0 : 1;
    }
    return count;
  }
}
