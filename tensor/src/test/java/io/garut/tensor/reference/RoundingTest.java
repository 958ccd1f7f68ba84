package io.garut.tensor.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.quant.Half;
import io.garut.tensor.spi.Executor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Doubles become 16-bit numbers in one rounding: by way of a float, ties would be made where there are none. */
class RoundingTest {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  private static double[] rounded(double[] values, DType type) {
    return Executor.with(BACKEND, () -> Tensor.of(values).cast(type).toDoubleArray());
  }

  private static double value(DType type, int bits) {
    return type == DType.F16 ? Half.f16ToFloat((short) bits) : Half.bf16ToFloat((short) bits);
  }

  /** Every finite pair of neighbours: their middle goes to the even one, what is next to the middle to the nearer one. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void goesToTheNearestAndTiesToEven(DType type) {
    int largest = type == DType.F16 ? 0x7bff : 0x7f7f;
    double[] below = new double[largest];
    double[] middle = new double[largest];
    double[] above = new double[largest];
    for (int bits = 0; bits < largest; bits++) {
      middle[bits] = (value(type, bits) + value(type, bits + 1)) / 2;
      below[bits] = Math.nextDown(middle[bits]);
      above[bits] = -Math.nextUp(middle[bits]);
    }
    double[] low = rounded(below, type);
    double[] even = rounded(middle, type);
    double[] high = rounded(above, type);
    for (int bits = 0; bits < largest; bits++) {
      assertThat(low[bits]).isEqualTo(value(type, bits));
      assertThat(even[bits]).isEqualTo(value(type, bits + (bits & 1)));
      assertThat(high[bits]).isEqualTo(-value(type, bits + 1));
    }
  }

  @Test
  void overflowsToInfinity() {
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(rounded(new double[] {65519.999, 65520, -1e300, infinity, 1e-300, Double.NaN}, DType.F16))
        .containsExactly(65504, infinity, -infinity, infinity, 0, Double.NaN);
    assertThat(rounded(new double[] {3.38e38, 3.4e38, -1e300, infinity}, DType.BF16))
        .containsExactly(value(DType.BF16, 0x7f7e), infinity, -infinity, infinity);
  }

  /** Beyond 2⁵³ a long is no double; the bits that are cut off still break ties. */
  @Test
  void longsRoundOnce() {
    long tie = 0x4040_0000_0000_0000L; // half way between two BF16
    Tensor narrow = Executor.with(BACKEND, () -> Tensor.of(new long[] {tie, tie + 1, tie - 1, -tie - 1}).cast(DType.BF16));
    double low = 0x4000_0000_0000_0000L;
    double high = 0x4080_0000_0000_0000L;
    assertThat(narrow.toDoubleArray()).containsExactly(low, high, low, -high);
    narrow.close();
  }
}
