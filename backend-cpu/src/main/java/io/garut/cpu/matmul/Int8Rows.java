package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.INT;
import static io.garut.tensor.memory.Memory.ALL;

/**
 * Activations quantised to eight bits in blocks of 32, as the kernels of Q4_0 want them: x ≈ s·q with s = max|x| / 127 and q
 * rounded to the nearest integer, ties to even, so that the error has no bias.
 *
 * <p>A block with an infinity or NaN gets the scale NaN; one whose values all are below 10⁻³⁰ counts as zero.
 */
final class Int8Rows {
  /** Adding it rounds a float below 2²² in size to an integer, in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final float TINY = 1e-30f;

  /**
   * Four ints for every cell of 8 steps: q_j − 16 q_{j−1} for nibbles j and j + 4 in the lower and upper half of the j-th, where
   * nibbles 2i and 2i+1 of cell c are elements 4c+i and 4c+i+16 of the block, as in ggml. Those of {@link #together} rows
   * follow each other before the next cell's.
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
    int top = 0;
    for (int i = 0; i < 32; i++) {
      top = Math.max(top, ALL.get(INT, x + i * 4L) & 0x7fffffff); // floats without sign order as their bits; NaN is last
    }
    boolean finite = top < 0x7f800000;
    float max = Float.intBitsToFloat(top);
    float inverse = finite && max > TINY ? 127f / max : 0f;
    int sum = 0;
    for (int c = 0; c < 4; c++) {
      int before = 0;
      int at = first + c * 4 * together;
      for (int i = 0; i < 4; i++) {
        long low = x + c * 16L + i * 4L;
        int q0 = finite ? round(ALL.get(FLOAT, low) * inverse) : 0;
        int q1 = finite ? round(ALL.get(FLOAT, low + 64) * inverse) : 0;
        int even = q0 - 16 * before;
        int odd = q1 - 16 * q0;
        if (i < 2) { // nibbles 0 to 3 in lower halves, 4 to 7 in upper ones
          coefficients[at + 2 * i] = even & 0xffff;
          coefficients[at + 2 * i + 1] = odd & 0xffff;
        } else {
          coefficients[at + 2 * i - 4] |= even << 16;
          coefficients[at + 2 * i - 3] |= odd << 16;
        }
        before = q1;
        sum += q0 + q1;
      }
    }
    scales[block] = finite ? (max > TINY ? max / 127f * MatVecF16.BEFORE : 0f) : Float.NaN;
    offsets[block] = -8 * sum & 0xffff;
  }

  private static int round(float v) {
    return Float.floatToRawIntBits(v + ROUND) - Float.floatToRawIntBits(ROUND);
  }
}
