package io.garut.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SplitMix64Test {
  private static final int MANY = 200_000;

  /** The first numbers of the authors' splitmix64.c with state 0 and 1234567. */
  @Test
  void makesThePublishedNumbers() {
    assertThat(LongStream.range(0, 5).map(i -> SplitMix64.bits(0, i)).toArray())
        .containsExactly(
            0xE220A8397B1DCDAFL, 0x6E789E6AA1B965F4L, 0x06C45D188009454FL, 0xF88BB8A8724C81ECL, 0x1B39896A51A8749BL);
    assertThat(LongStream.range(0, 5).mapToObj(i -> Long.toUnsignedString(SplitMix64.bits(1234567, i))))
        .containsExactly(
            "6457827717110365317",
            "3203168211198807973",
            "9817491932198370423",
            "4593380528125082431",
            "16408922859458223821");
  }

  @Test
  void takesUniformNumbersFromTheUpperBits() {
    assertThat(SplitMix64.uniform(0, 0)).isEqualTo((0xE220A8397B1DCDAFL >>> 11) * 0x1p-53);
    assertThat(SplitMix64.uniformFloat(0, 0)).isEqualTo((0xE220A8397B1DCDAFL >>> 40) * 0x1p-24f);
    for (long i = 0; i < 1000; i++) {
      assertThat(SplitMix64.uniform(9, i)).isGreaterThanOrEqualTo(0).isLessThan(1);
      assertThat(SplitMix64.uniformFloat(9, i)).isGreaterThanOrEqualTo(0).isLessThan(1);
    }
  }

  @Test
  void makesPairsOfNormalNumbersByBoxAndMuller() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - SplitMix64.uniform(5, 6)));
    double angle = 2 * StrictMath.PI * SplitMix64.uniform(5, 7);
    assertThat(SplitMix64.normal(5, 6)).isEqualTo(radius * StrictMath.cos(angle));
    assertThat(SplitMix64.normal(5, 7)).isEqualTo(radius * StrictMath.sin(angle));
  }

  /** Mean, variance and fourth moment of a standard normal, each within five standard deviations of its estimate. */
  @Test
  void normalNumbersHaveTheirMoments() {
    double mean = LongStream.range(0, MANY).mapToDouble(i -> SplitMix64.normal(7, i)).average().orElseThrow();
    double square = LongStream.range(0, MANY).mapToDouble(i -> power(i, 2)).average().orElseThrow();
    double fourth = LongStream.range(0, MANY).mapToDouble(i -> power(i, 4)).average().orElseThrow();
    assertThat(Math.abs(mean)).isLessThan(5 * Math.sqrt(1.0 / MANY));
    assertThat(Math.abs(square - 1)).isLessThan(5 * Math.sqrt(2.0 / MANY));
    assertThat(Math.abs(fourth - 3)).isLessThan(5 * Math.sqrt(96.0 / MANY));
  }

  private static double power(long i, int exponent) {
    return Math.pow(SplitMix64.normal(7, i), exponent);
  }
}
