package io.garut.transformer.sampling;

import java.util.Arrays;

/** Arrays that logits processors work in, made once for a vocabulary. For one thread. */
public final class SamplingScratch {
  final float[] original;
  final double[] weights;
  final double[] sums;
  final int[] keys;
  final int[] seen;
  final Threshold threshold;
  private int stamp;

  /** Room for a vocabulary of this size. */
  public SamplingScratch(int vocabulary) {
    if (vocabulary < 1) {
      throw new IllegalArgumentException("a vocabulary has at least one token, not " + vocabulary);
    }
    original = new float[vocabulary];
    weights = new double[vocabulary];
    sums = new double[Weights.blocks(vocabulary)];
    keys = new int[vocabulary];
    seen = new int[vocabulary];
    threshold = new Threshold(vocabulary);
  }

  /** A value that {@link #seen} does not hold. */
  int nextStamp() {
    if (++stamp == 0) {
      Arrays.fill(seen, 0);
      stamp = 1;
    }
    return stamp;
  }
}
