package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.SHORT;
import static io.garut.tensor.memory.Memory.ALL;

/**
 * Rows of activations quantised to eight bits in blocks of 32, as {@link MatVecQ4} wants them: x ≈ s·q with s = max|x| / 127
 * and q rounded to the nearest integer, ties to even, so that the error has no bias.
 *
 * <p>A block with an infinity or NaN gets the scale NaN; one whose values all are below 10⁻³⁰ counts as zero.
 */
final class Int8Rows {
  /** Bytes of coefficients for one step of k. */
  static final int COEFFICIENT_BYTES = 2;

  /** Bytes of scale and offset for a block. */
  static final int SCALE_BYTES = 8;

  /** Adding it rounds a float below 2²² in size to an integer, in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final float TINY = 1e-30f;

  private Int8Rows() {}

  /** Bytes of coefficients and scales for a row of {@code k}, a multiple of 32. */
  static long bytes(int k) {
    return (long) k * COEFFICIENT_BYTES + (long) (k / 32) * SCALE_BYTES;
  }

  /**
   * Quantises x[k].
   *
   * @param coefficients takes 4 ints for every cell of 8 steps: x_j − 16 x_{j−1} for nibbles j and j + 4 in the lower and
   *     upper half of the j-th, where nibbles 2i and 2i+1 of cell c are elements 4c+i and 4c+i+16 of the block, as in ggml
   * @param scales takes s·2⁶⁰ as a float and −8 Σ q · 2¹⁶ as an int for every block
   */
  static void quantise(long x, int k, long coefficients, long scales) {
    for (int block = 0; block < k / 32; block++) {
      quantiseBlock(x + block * 128L, coefficients + block * 64L, scales + block * 8L);
    }
  }

  private static void quantiseBlock(long x, long coefficients, long scale) {
    int top = 0;
    for (int i = 0; i < 32; i++) {
      top = Math.max(top, ALL.get(INT, x + i * 4L) & 0x7fffffff); // floats without sign order as their bits; NaN is last
    }
    float max = Float.intBitsToFloat(top);
    boolean finite = top < 0x7f800000;
    float inverse = finite && max > TINY ? 127f / max : 0f;
    int sum = 0;
    for (int c = 0; c < 4; c++) {
      int before = 0;
      long to = coefficients + c * 16L;
      for (int i = 0; i < 4; i++) {
        int low = finite ? round(ALL.get(FLOAT, x + c * 16L + i * 4L) * inverse) : 0;
        int high = finite ? round(ALL.get(FLOAT, x + c * 16L + i * 4L + 64) * inverse) : 0;
        sum += low + high;
        // nibbles 0 and 1, 2 and 3 go to lower halves, 4 and 5, 6 and 7 to upper ones
        long at = to + (i & 1) * 8L + (i >> 1) * 2L;
        ALL.set(SHORT, at, (short) (low - 16 * before));
        ALL.set(SHORT, at + 4, (short) (high - 16 * low));
        before = high;
      }
    }
    ALL.set(FLOAT, scale, finite ? (max > TINY ? max / 127f * MatVecF16.BEFORE : 0f) : Float.NaN);
    ALL.set(INT, scale + 4, -8 * sum << 16);
  }

  private static int round(float v) {
    return Float.floatToRawIntBits(v + ROUND) - Float.floatToRawIntBits(ROUND);
  }
}
