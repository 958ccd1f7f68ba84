package io.garut.transformer.sampling;

/** Exponentials of many logits at once, and their sums. */
final class Weights {
  /** From here down the weight is nothing. */
  private static final double LOWEST = -700;

  private static final double AT_LOWEST = power(LOWEST * 0x1p-10);

  /** Sums are taken by blocks, so that a place in the running sum is found without adding up everything before. */
  private static final int BLOCK = 512;

  private Weights() {}

  /** How many sums {@link #sum} needs room for. */
  static int blocks(int count) {
    return (count + BLOCK - 1) / BLOCK;
  }

  /**
   * Sets {@code weights[i]} to e^(logits[i] − max), and to 0 where that is below e^−700, so for −∞ too.
   *
   * <p>e^x is (e^(x/1024))^1024: a short series, then ten squarings. That needs neither tables nor the bits of an
   * exponent, so the compiler makes vectors of it, and it consists of exact operations, so every machine gets the same.
   * The relative error is below 2e−12 down to e^−10, and below 1e−9 down to e^−30.
   */
  static void fill(float[] logits, int count, float max, double[] weights) {
    for (int i = 0; i < count; i++) {
      weights[i] = power(Math.max((double) logits[i] - max, LOWEST) * 0x1p-10) - AT_LOWEST;
    }
  }

  private static double power(double x) {
    double y = 1 + x * (1 + x * (1 / 2.0 + x * (1 / 6.0 + x * (1 / 24.0 + x * (1 / 120.0)))));
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    y *= y;
    return y * y;
  }

  /** The sum of the weights, always added in the same order; leaves the sum of each block in {@code sums}. */
  static double sum(double[] weights, int count, double[] sums) {
    double total = 0;
    for (int block = 0; block < blocks(count); block++) {
      sums[block] = sum(weights, block * BLOCK, Math.min(count, (block + 1) * BLOCK));
      total += sums[block];
    }
    return total;
  }

  private static double sum(double[] weights, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) { // one chain of additions would wait for each
      s0 += weights[i];
      s1 += weights[i + 1];
      s2 += weights[i + 2];
      s3 += weights[i + 3];
    }
    for (; i < to; i++) {
      s0 += weights[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /**
   * The entry at which the running sum passes {@code target}, never one without weight.
   *
   * @param sums as {@link #sum} left them; their total is above {@code target}
   */
  static int at(double[] weights, int count, double[] sums, double target) {
    int block = 0;
    double running = 0;
    while (block + 1 < blocks(count) && running + sums[block] <= target) {
      running += sums[block++];
    }
    int last = -1;
    for (int i = block * BLOCK; i < count; i++) {
      if (weights[i] > 0) {
        running += weights[i];
        last = i;
        if (running > target) {
          return i;
        }
      }
    }
    // Rounding may leave the sum just short: then the last entry with a weight is the one.
    for (int i = count - 1; last < 0; i--) {
      last = weights[i] > 0 ? i : -1;
    }
    return last;
  }

  /** The largest logit; NaN if any is. */
  static float max(float[] logits, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[i]);
    }
    return max;
  }
}
