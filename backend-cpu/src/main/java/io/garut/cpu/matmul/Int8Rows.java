package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
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

  /** All bits 0: {@code NOTHING.or(v)} is {@code v}, of known class, see {@link Lanes}. */
  private static final IntVector NOTHING = IntVector.zero(FOUR);

  // Of two vectors a and b, 0 to 3 are the lanes of a and 4 to 7 those of b.
  private static final IntVector ONE_BACK = IntVector.fromArray(FOUR, new int[] {4, 0, 1, 2}, 0);
  private static final IntVector TWO_ON = IntVector.fromArray(FOUR, new int[] {2, 3, 4, 4}, 0);
  private static final IntVector IN_TURN = IntVector.fromArray(FOUR, new int[] {0, 4, 1, 5}, 0);

  private final int rows;
  private final int blocks;

  /** Rows whose coefficients are interleaved: 1 or 2. */
  private final int together;

  private long coefficients;
  private long scales;
  private long offsets;

  /**
   * For {@code m} rows of {@code k} elements, a multiple of 32. What rows beyond m hold, that fill up the last group, is
   * undefined.
   */
  Int8Rows(int m, int k, int together) {
    this.together = together;
    blocks = k / 32;
    rows = Math.ceilDiv(m, together) * together;
  }

  /** Bytes that the rows take. */
  long bytes() {
    return rows * (blocks * 72L);
  }

  /** Puts the rows where {@link #bytes} bytes are free. */
  void place(long address) {
    coefficients = address;
    scales = address + rows * (blocks * 64L);
    offsets = scales + rows * (blocks * 4L);
  }

  /**
   * Where the coefficients of group {@code group} begin. Four ints for every cell of 8 steps: q_j − 16 q_{j−1} for nibbles j
   * and j + 4 in the lower and upper half of the j-th, where nibbles 2i and 2i+1 of cell c are elements 4c+i and 4c+i+16 of the
   * block, as in ggml. Those of the group's rows follow each other before the next cell's.
   */
  long coefficients(int group) {
    return coefficients + group * (blocks * 64L) * together;
  }

  /** Where the scales of row {@code row} begin: a float for every block, s·2⁶⁰. */
  long scales(int row) {
    return scales + row * (blocks * 4L);
  }

  /** Where the offsets of row {@code row} begin: an int for every block, −8 Σ q modulo 2¹⁶ in its upper half. */
  long offsets(int row) {
    return offsets + row * (blocks * 4L);
  }

  /** Quantises row {@code row}, which is at {@code x}. */
  void quantise(int row, long x) {
    long to = coefficients(row / together) + row % together * 16L;
    for (int block = 0; block < blocks; block++) {
      quantiseBlock(x + block * 128L, to + block * 64L * together, scales(row) + block * 4L, offsets(row) + block * 4L);
    }
  }

  private void quantiseBlock(long x, long to, long scale, long offset) {
    int top = maxBits(x);
    float max = Float.intBitsToFloat(top);
    int sum = 0;
    if (top >= 0x7f800000 || max <= TINY) {
      for (int c = 0; c < 4; c++) {
        NOTHING.intoMemorySegment(ALL, to + c * 16L * together, LE);
      }
      ALL.set(FLOAT, scale, top >= 0x7f800000 ? Float.NaN : 0f);
    } else {
      sum = cells(x, 127f / max, to, 16L * together);
      ALL.set(FLOAT, scale, max / 127f * MatVecF16.BEFORE);
    }
    ALL.set(INT, offset, -8 * sum << 16);
  }

  /** The bits of the largest magnitude in a block. Without their signs, floats order as their bits do, and NaN is last. */
  private static int maxBits(long x) {
    IntVector top = IntVector.zero(I32);
    for (long at = x; at != x + 128; at += BYTES) {
      top = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, at, LE)).and(0x7fffffff).max(top);
    }
    return Lanes.NONE.or(top).reduceLanes(VectorOperators.MAX); // of integers, so in any order
  }

  /** Writes the coefficients of a block, {@code step} bytes from cell to cell, and returns Σ q. */
  private static int cells(long x, float inverse, long to, long step) {
    IntVector sum = IntVector.zero(FOUR);
    FloatVector factor = FloatVector.broadcast(FLOATS, inverse);
    long at = to;
    for (long cell = x; cell != x + 64; cell += 16) {
      FloatVector low = FloatVector.fromMemorySegment(FLOATS, ALL, cell, LE);
      FloatVector high = FloatVector.fromMemorySegment(FLOATS, ALL, cell + 64, LE);
      IntVector q0 = NOTHING.or(factor.mul(low).add(ROUND).reinterpretAsInts()).sub(ROUND_BITS);
      IntVector q1 = NOTHING.or(factor.mul(high).add(ROUND).reinterpretAsInts()).sub(ROUND_BITS);
      sum = q0.add(q1).add(sum);
      // Element i of q0 is nibble 2i and of q1 nibble 2i + 1; the nibble before nibble 2i is element i − 1 of q1.
      IntVector even = q0.sub(ONE_BACK.selectFrom(q1, NOTHING).lanewise(VectorOperators.LSHL, 4));
      IntVector odd = q1.sub(q0.lanewise(VectorOperators.LSHL, 4));
      // Lanes 0 and 1 take nibbles 0 to 3 in lower and, from lanes 2 and 3, nibbles 4 to 7 in upper halves.
      even = even.and(0xffff).or(TWO_ON.selectFrom(even, NOTHING).lanewise(VectorOperators.LSHL, 16));
      odd = odd.and(0xffff).or(TWO_ON.selectFrom(odd, NOTHING).lanewise(VectorOperators.LSHL, 16));
      IN_TURN.selectFrom(even, odd).intoMemorySegment(ALL, at, LE);
      at += step;
    }
    return NOTHING.or(sum).reduceLanes(VectorOperators.ADD); // of integers, so in any order
  }
}
