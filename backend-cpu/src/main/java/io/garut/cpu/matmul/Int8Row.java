package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.INT;
import static io.garut.tensor.memory.Memory.ALL;

/**
 * A row of activations quantised to eight bits in blocks of 32, as {@link MatVecQ4} wants it: x ≈ s·q with s = max|x| / 127
 * and q rounded to the nearest integer, ties to even, so that the error has no bias.
 *
 * <p>A block with an infinity or NaN gets the scale NaN; one whose values all are below 10⁻³⁰ counts as zero.
 */
final class Int8Row {
  /** Adding it rounds a float below 2²² in size to an integer, in the low bits of the sum. */
  private static final float ROUND = 0x1.8p23f;

  private static final float TINY = 1e-30f;

  /**
   * Four ints for every cell of 8 steps: q_j − 16 q_{j−1} for nibbles j and j + 4 in the lower and upper half of the j-th, where
   * nibbles 2i and 2i+1 of cell c are elements 4c+i and 4c+i+16 of the block, as in ggml.
   */
  final int[] coefficients;

  /** s·2⁶⁰ for every block. */
  final float[] scales;

  /** −8 Σ q · 2¹⁶ for every block. */
  final int[] offsets;

  /** Room for a row of {@code k} elements, a multiple of 32. */
  Int8Row(int k) {
    coefficients = new int[k / 2];
    scales = new float[k / 32];
    offsets = new int[k / 32];
  }

  /** Quantises the row at {@code x}. */
  void quantise(long x) {
    for (int block = 0; block < scales.length; block++) {
      quantiseBlock(x + block * 128L, block);
    }
  }

  private void quantiseBlock(long x, int block) {
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
      int at = block * 16 + c * 4;
      for (int i = 0; i < 2; i++) {
        // Nibbles 2i and 2i + 1 go to lower halves, those four further to upper ones.
        long low = x + c * 16L + i * 4L;
        int q0 = finite ? round(ALL.get(FLOAT, low) * inverse) : 0;
        int q1 = finite ? round(ALL.get(FLOAT, low + 64) * inverse) : 0;
        coefficients[at + 2 * i] = q0 - 16 * before & 0xffff;
        coefficients[at + 2 * i + 1] = q1 - 16 * q0 & 0xffff;
        before = q1;
        sum += q0 + q1;
      }
      for (int i = 0; i < 2; i++) {
        long low = x + c * 16L + i * 4L + 8;
        int q0 = finite ? round(ALL.get(FLOAT, low) * inverse) : 0;
        int q1 = finite ? round(ALL.get(FLOAT, low + 64) * inverse) : 0;
        coefficients[at + 2 * i] |= q0 - 16 * before << 16;
        coefficients[at + 2 * i + 1] |= q1 - 16 * q0 << 16;
        before = q1;
        sum += q0 + q1;
      }
    }
    scales[block] = finite ? (max > TINY ? max / 127f * MatVecF16.BEFORE : 0f) : Float.NaN;
    offsets[block] = -8 * sum << 16;
  }

  private static int round(float v) {
    return Float.floatToRawIntBits(v + ROUND) - Float.floatToRawIntBits(ROUND);
  }
}
