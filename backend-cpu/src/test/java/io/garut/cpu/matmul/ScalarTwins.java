package io.garut.cpu.matmul;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The kernels as plain loops, with the same operations in the same order: results must agree to the bit. */
final class ScalarTwins {
  private static final int KC = 512;

  private ScalarTwins() {}

  /** Σ x·w as every float kernel sums it; {@code w} are the decoded weights of one column. */
  static float dot(float[] x, int xOffset, int xStep, float[] w, int wOffset, int wStep, int k) {
    float total = 0;
    for (int from = 0; from < k; from += KC) {
      float sum = 0;
      for (int i = from; i < Math.min(from + KC, k); i++) {
        sum = Math.fma(x[xOffset + i * xStep], w[wOffset + i * wStep], sum);
      }
      total = from == 0 ? sum : total + sum;
    }
    return total;
  }

  /** One row of Q8_0 in the ggml layout times floats. */
  static float dotQ8(float[] x, MemorySegment blocks, long offset, int k) {
    float total = 0;
    for (int block = 0; block < k / 32; block++) {
      long at = offset + block * 34L;
      float sum = 0;
      for (int i = 0; i < 32; i++) {
        sum = Math.fma(x[block * 32 + i], (float) blocks.get(ValueLayout.JAVA_BYTE, at + 2 + i), sum);
      }
      total = Math.fma(sum, scale(blocks, at), total);
    }
    return total;
  }

  /** One row of Q4_0 in the ggml layout times a row quantised to eight bits. */
  static float dotQ4(float[] x, MemorySegment blocks, long offset, int k) {
    float total = 0;
    for (int block = 0; block < k / 32; block++) {
      long at = offset + block * 18L;
      float max = 0;
      for (int i = 0; i < 32; i++) {
        max = Math.max(max, Math.abs(x[block * 32 + i]));
      }
      float inverse = max > 1e-30f ? 127f / max : 0;
      int sum = 0;
      for (int i = 0; i < 32; i++) {
        int nibble = blocks.get(ValueLayout.JAVA_BYTE, at + 2 + i % 16) >> (i / 16 * 4) & 15;
        sum += (nibble - 8) * (int) Math.rint(x[block * 32 + i] * inverse);
      }
      total = Math.fma((float) sum, scale(blocks, at) * (max > 1e-30f ? max / 127f : 0f), total);
    }
    return total;
  }

  private static float scale(MemorySegment blocks, long at) {
    return Float.float16ToFloat(blocks.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
  }

  /** One output of a linear layer: row {@code m} of x, row {@code n} of the plain weight. */
  static float linear(
      DType dtype, float[] x, int m, int rows, MemorySegment plain, float[] decoded, int n, int k) {
    if (rows == 1 && dtype == DType.Q8_0) {
      return dotQ8(x, plain, n * dtype.bytes(k), k);
    }
    if (dtype == DType.Q4_0) {
      return dotQ4(Arrays.copyOfRange(x, m * k, m * k + k), plain, n * dtype.bytes(k), k);
    }
    return dot(x, m * k, 1, decoded, n * k, 1, k);
  }
}
