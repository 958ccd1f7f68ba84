package io.garut.transformer.sampling;

import java.util.Arrays;

/**
 * Finds where weights, taken from the largest key down, reach a mass. In place of a sort: by the upper 12 bits of the
 * keys, then, among the entries that are left, by the middle and the lower 10. The cost hardly depends on the keys.
 */
final class Threshold {
  private static final int UPPER = 1 << 12;
  private static final int LOWER = 1 << 10;

  // Two rows, for even and odd entries: neighbours often share a bucket, and an addition to it waits for the last.
  private final double[] masses = new double[2 * UPPER];
  private final int[] left;
  private double before;
  private int ties;

  /** Room for so many entries. */
  Threshold(int entries) {
    left = new int[entries];
  }

  /**
   * The key of the first entry at which the weights of all entries with a larger key, and of those with the same one as
   * far as needed, reach {@code mass}; the smallest key with a weight if they never do.
   *
   * @param keys sortable as signed integers
   * @param weights none negative; one at least is above 0
   */
  int find(int[] keys, double[] weights, int count, double mass) {
    before = 0;
    Arrays.fill(masses, 0);
    for (int i = 0; i < count; i++) {
      if (weights[i] > 0) {
        masses[upper(keys[i]) + (i & 1) * UPPER] += weights[i];
      }
    }
    int upper = reach(UPPER, mass);
    int n = 0;
    for (int i = 0; i < count; i++) {
      left[n] = i;
      n += upper(keys[i]) == upper && weights[i] > 0 ? 1 : 0;
    }
    n = narrow(keys, weights, n, mass, 10);
    ties = narrow(keys, weights, n, mass, 0);
    return keys[left[0]];
  }

  /** The weights of all entries with a larger key than the one last found. */
  double before() {
    return before;
  }

  /** How many entries with a weight have the key last found. */
  int ties() {
    return ties;
  }

  /** Of the first {@code n} entries left keeps those in the bucket that reaches the mass, by ten bits of their keys. */
  private int narrow(int[] keys, double[] weights, int n, double mass, int shift) {
    Arrays.fill(masses, 0, LOWER, 0);
    Arrays.fill(masses, UPPER, UPPER + LOWER, 0);
    for (int k = 0; k < n; k++) {
      masses[(keys[left[k]] >>> shift & LOWER - 1) + (k & 1) * UPPER] += weights[left[k]];
    }
    int bucket = reach(LOWER, mass);
    int kept = 0;
    for (int k = 0; k < n; k++) {
      if ((keys[left[k]] >>> shift & LOWER - 1) == bucket) {
        left[kept++] = left[k];
      }
    }
    return kept;
  }

  private static int upper(int key) {
    return key >>> 20 ^ 0x800; // signed order as unsigned
  }

  private int reach(int buckets, double mass) {
    int last = 0;
    double lastBefore = before;
    for (int bucket = buckets - 1; bucket >= 0; bucket--) {
      double added = masses[bucket] + masses[bucket + UPPER];
      if (added > 0) {
        last = bucket;
        lastBefore = before;
        before += added;
        if (before >= mass) {
          break;
        }
      }
    }
    before = lastBefore;
    return last;
  }

  /** A key that orders floats, none of them NaN, as integers. */
  static int key(float value) {
    int bits = Float.floatToRawIntBits(value + 0f); // −0 becomes 0, its equal
    return bits ^ bits >> 31 & 0x7FFFFFFF;
  }
}
