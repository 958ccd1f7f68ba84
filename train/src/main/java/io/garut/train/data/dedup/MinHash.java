package io.garut.train.data.dedup;

import io.garut.tensor.op.SplitMix64;
import java.util.Arrays;

/**
 * Signatures whose elements agree, for two sets, with a probability near the sets' Jaccard measure (Broder, "On the
 * resemblance and containment of documents", 1997). Element i is the least of (aᵢ·x + bᵢ) div 2³² modulo 2³², without sign,
 * over the set's hashes x, where aᵢ = bits(seed, 2i) with its lowest bit set and bᵢ = bits(seed, 2i + 1) of {@link
 * SplitMix64}.
 */
final class MinHash {
  /** Elements in a signature. */
  static final int SIZE = 128;

  /** The seed of its functions. */
  static final long SEED = 0x6761_7275_74L; // "garut"

  private final long[] factors = new long[SIZE];
  private final long[] addends = new long[SIZE];

  MinHash() {
    Arrays.setAll(factors, i -> SplitMix64.bits(SEED, 2L * i) | 1);
    Arrays.setAll(addends, i -> SplitMix64.bits(SEED, 2L * i + 1));
  }

  int[] signature(long[] set) {
    int[] least = new int[SIZE];
    Arrays.fill(least, Integer.MAX_VALUE);
    for (long x : set) {
      for (int i = 0; i < SIZE; i++) {
        // the sign bit is turned, so that comparing with sign orders without it
        least[i] = Math.min(least[i], (int) ((factors[i] * x + addends[i]) >>> 32) ^ Integer.MIN_VALUE);
      }
    }
    return least;
  }

  /** The share of elements in which two signatures agree. */
  static double similarity(int[] a, int[] b) {
    int equal = 0;
    for (int i = 0; i < SIZE; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return (double) equal / SIZE;
  }
}
