package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations quantised to eight bits in blocks of 32, as the kernels of Q4_0 want them: x ≈ s·q with s = max|x| / 127 and q
 * rounded to the nearest integer, ties to even, so that the error has no bias.
 *
 * <p>A block with an infinity or NaN gets the scale NaN; one whose values all are below 10⁻³⁰ counts as zero.
 */
final class Int8Rows {
  /** Adding it rounds a float below 2²² in size to an integer, in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  private static final float TINY = 1e-30f;

  // A cell is four floats and four more 16 further: vectors of 128 bits on every machine.
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_128;
  private static final VectorSpecies<Integer> FOUR = IntVector.SPECIES_128;

  // Of two vectors a and b, 0 to 3 are the lanes of a and 4 to 7 those of b.
  private static final IntVector ONE_BACK = IntVector.fromArray(FOUR, new int[] {4, 0, 1, 2}, 0);
  private static final IntVector TWO_ON = IntVector.fromArray(FOUR, new int[] {2, 3, 4, 4}, 0);
  private static final IntVector IN_TURN = IntVector.fromArray(FOUR, new int[] {0, 4, 1, 5}, 0);

  /**
   * Four ints for every cell of 8 steps: q_j − 16 q_{j−1} for nibbles j and j + 4 in the lower and upper half of the j-th,
   * where nibbles 2i and 2i+1 of cell c are elements 4c+i and 4c+i+16 of the block, as in ggml. Those of {@link #together}
   * rows follow each other before the next cell's.
   */
  final int[] coefficients;

  /** s·2⁶⁰ for every block of a row, row after row. */
  final float[] scales;

  /** −8 Σ q modulo 2¹⁶, likewise. */
  final int[] offsets;

  /** Rows whose coefficients are interleaved: 1 or 2. */
  final int together;

  private final int blocks;

  /**
   * Room for {@code m} rows of {@code k} elements, a multiple of 32. Rows beyond m that fill up the last group stay zero.
   */
  Int8Rows(int m, int k, int together) {
    this.together = together;
    blocks = k / 32;
    int rows = Math.ceilDiv(m, together) * together;
    coefficients = new int[Math.multiplyExact(rows, k / 2)];
    scales = new float[rows * blocks];
    offsets = new int[rows * blocks];
  }

  /** The index of the first coefficient of group {@code group}. */
  int group(int group) {
    return group * blocks * 16 * together;
  }

  /** The index of the first scale and offset of row {@code row}. */
  int row(int row) {
    return row * blocks;
  }

  /** Quantises row {@code row}, which is at {@code x}. */
  void quantise(int row, long x) {
    int first = group(row / together) + row % together * 4;
    for (int block = 0; block < blocks; block++) {
      quantiseBlock(x + block * 128L, first + block * 16 * together, row(row) + block);
    }
  }

  private void quantiseBlock(long x, int first, int block) {
    int top = maxBits(x);
    float max = Float.intBitsToFloat(top);
    if (top >= 0x7f800000) {
      clear(first, block, Float.NaN);
    } else if (max <= TINY) {
      clear(first, block, 0f);
    } else {
      int sum = cells(x, 127f / max, coefficients, first, 4 * together);
      scales[block] = max / 127f * MatVecF16.BEFORE;
      offsets[block] = -8 * sum & 0xffff;
    }
  }

  private void clear(int first, int block, float scale) {
    for (int c = 0; c < 4; c++) {
      Arrays.fill(coefficients, first + c * 4 * together, first + c * 4 * together + 4, 0);
    }
    scales[block] = scale;
    offsets[block] = 0;
  }

  /** The bits of the largest magnitude in a block. Without their signs, floats order as their bits do, and NaN is last. */
  private static int maxBits(long x) {
    IntVector top = IntVector.zero(I32);
    for (long at = x; at != x + 128; at += BYTES) {
      top = top.max(IntVector.fromMemorySegment(I32, ALL, at, LE).and(0x7fffffff));
    }
    return top.reduceLanes(VectorOperators.MAX); // of integers, so in any order
  }

  /** Writes the coefficients of a block, {@code step} ints from cell to cell, and returns Σ q. */
  private static int cells(long x, float inverse, int[] to, int first, int step) {
    IntVector sum = IntVector.zero(FOUR);
    IntVector none = IntVector.zero(FOUR);
    int at = first;
    for (long cell = x; cell != x + 64; cell += 16) {
      FloatVector low = FloatVector.fromMemorySegment(FLOATS, ALL, cell, LE);
      FloatVector high = FloatVector.fromMemorySegment(FLOATS, ALL, cell + 64, LE);
      IntVector q0 = low.mul(inverse).add(ROUND).reinterpretAsInts().sub(ROUND_BITS);
      IntVector q1 = high.mul(inverse).add(ROUND).reinterpretAsInts().sub(ROUND_BITS);
      sum = sum.add(q0).add(q1);
      // Element i of q0 is nibble 2i and of q1 nibble 2i + 1; the nibble before nibble 2i is element i − 1 of q1.
      IntVector even = q0.sub(ONE_BACK.selectFrom(q1, none).lanewise(VectorOperators.LSHL, 4));
      IntVector odd = q1.sub(q0.lanewise(VectorOperators.LSHL, 4));
      // Lanes 0 and 1 take nibbles 0 to 3 in lower and, from lanes 2 and 3, nibbles 4 to 7 in upper halves.
      even = even.and(0xffff).or(TWO_ON.selectFrom(even, none).lanewise(VectorOperators.LSHL, 16));
      odd = odd.and(0xffff).or(TWO_ON.selectFrom(odd, none).lanewise(VectorOperators.LSHL, 16));
      IN_TURN.selectFrom(even, odd).intoArray(to, at);
      at += step;
    }
    return sum.reduceLanes(VectorOperators.ADD); // of integers, so in any order
  }
}
