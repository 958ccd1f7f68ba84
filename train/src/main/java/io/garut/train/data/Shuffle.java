package io.garut.train.data;

import io.garut.tensor.op.SplitMix64;

/**
 * Orders that depend on a seed alone: Fisher and Yates's shuffle (Knuth, The Art of Computer Programming 2, algorithm
 * P) with the numbers of {@link SplitMix64}. For i from n − 1 down to 1, element i changes places with element ⌊r·(i +
 * 1) / 2⁶⁴⌋, where r is bits(seed, i) without sign. The bias of that is below n·2⁻⁶⁴. It is no order of NumPy's or
 * PyTorch's.
 */
public final class Shuffle {
  private Shuffle() {}

  /** The numbers from 0 to {@code count} − 1 in a random order. */
  public static int[] order(int count, long seed) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    for (int i = count - 1; i > 0; i--) {
      int other = (int) Math.unsignedMultiplyHigh(SplitMix64.bits(seed, i), i + 1L);
      int value = order[i];
      order[i] = order[other];
      order[other] = value;
    }
    return order;
  }
}
