package io.garut.train.comm;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Adds up the elements of ranks along one binary tree over their numbers: the left half of a node is the largest power
 * of two below its size, so that four are (0+1)+(2+3), and five are that + 4. A node of which one half is absent is the
 * other half. The sum is computed block by block, and in arrays, where C2 vectorises the loop.
 *
 * <p>For one thread at a time.
 */
public final class TreeSum {
  /** Elements that a level of the tree keeps in the cache. */
  private static final int BLOCK = 2048;

  private final float[][] floats; // a block for each level
  private final double[][] doubles;

  /** For a number of ranks. */
  public TreeSum(int ranks) {
    int levels = Integer.SIZE - Integer.numberOfLeadingZeros(ranks) + 1;
    floats = new float[levels][BLOCK];
    doubles = new double[levels][BLOCK];
  }

  /** Whether elements of {@code type} can be added up. */
  static boolean adds(DType type) {
    return type == DType.F32 || type == DType.F64;
  }

  /**
   * Writes the sum of {@code ofRank} to {@code sum}, all as long as that.
   *
   * @param type F32 or F64
   * @param ofRank null for an absent one; one may be the memory of the sum
   * @return whether there was any
   */
  public boolean add(DType type, MemorySegment sum, MemorySegment[] ofRank) {
    if (!adds(type)) {
      throw new IllegalArgumentException("sums are of F32 or F64, not of " + type);
    }
    long elements = sum.byteSize() / type.blockBytes();
    boolean any = false;
    for (MemorySegment segment : ofRank) {
      any |= segment != null;
    }
    for (long start = 0; any && start < elements; start += BLOCK) {
      int length = (int) Math.min(BLOCK, elements - start);
      long offset = start * type.blockBytes();
      if (type == DType.F32) {
        addFloats(ofRank, 0, ofRank.length, offset, length, 0);
        MemorySegment.copy(floats[0], 0, sum, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, length);
      } else {
        addDoubles(ofRank, 0, ofRank.length, offset, length, 0);
        MemorySegment.copy(doubles[0], 0, sum, ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, length);
      }
    }
    return any;
  }

  private boolean addFloats(MemorySegment[] ofRank, int first, int ranks, long offset, int length, int level) {
    if (ranks == 1) {
      MemorySegment leaf = ofRank[first];
      if (leaf != null) {
        MemorySegment.copy(leaf, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, floats[level], 0, length);
      }
      return leaf != null;
    }
    int left = Integer.highestOneBit(ranks - 1);
    if (!addFloats(ofRank, first, left, offset, length, level)) {
      return addFloats(ofRank, first + left, ranks - left, offset, length, level);
    }
    if (addFloats(ofRank, first + left, ranks - left, offset, length, level + 1)) {
      add(floats[level], floats[level + 1], length);
    }
    return true;
  }

  private static void add(float[] sum, float[] other, int length) {
    for (int i = 0; i < length; i++) {
      sum[i] += other[i];
    }
  }

  private boolean addDoubles(MemorySegment[] ofRank, int first, int ranks, long offset, int length, int level) {
    if (ranks == 1) {
      MemorySegment leaf = ofRank[first];
      if (leaf != null) {
        MemorySegment.copy(leaf, ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, doubles[level], 0, length);
      }
      return leaf != null;
    }
    int left = Integer.highestOneBit(ranks - 1);
    if (!addDoubles(ofRank, first, left, offset, length, level)) {
      return addDoubles(ofRank, first + left, ranks - left, offset, length, level);
    }
    if (addDoubles(ofRank, first + left, ranks - left, offset, length, level + 1)) {
      add(doubles[level], doubles[level + 1], length);
    }
    return true;
  }

  private static void add(double[] sum, double[] other, int length) {
    for (int i = 0; i < length; i++) {
      sum[i] += other[i];
    }
  }
}
