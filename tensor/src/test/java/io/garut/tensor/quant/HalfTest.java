package io.garut.tensor.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {
  @Test
  void everyF16SurvivesTheRoundTrip() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = Half.f16ToFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(Half.f16ToFloat(Half.floatToF16(value))).isNaN();
      } else {
        assertThat(Half.floatToF16(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void everyBf16SurvivesTheRoundTrip() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = Half.bf16ToFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(Half.bf16ToFloat(Half.floatToBf16(value))).isNaN();
      } else {
        assertThat(Half.floatToBf16(value)).isEqualTo((short) bits);
      }
    }
  }

  /** Halfway between two neighbours the even one wins; a bit more or less decides otherwise. */
  @Test
  void roundsToNearestEven() {
    assertThat(Half.floatToBf16(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f80);
    assertThat(Half.floatToBf16(Float.intBitsToFloat(0x3f818000))).isEqualTo((short) 0x3f82);
    assertThat(Half.floatToBf16(Float.intBitsToFloat(0x3f808001))).isEqualTo((short) 0x3f81);
    assertThat(Half.floatToBf16(Float.intBitsToFloat(0xbf80ffff))).isEqualTo((short) 0xbf81);
    assertThat(Half.floatToBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
    assertThat(Half.floatToBf16(Float.MIN_VALUE)).isZero();
    assertThat(Half.floatToF16(1 + 0x1p-11f)).isEqualTo((short) 0x3c00);
    assertThat(Half.floatToF16(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3c02);
    assertThat(Half.floatToF16(65_519f)).isEqualTo((short) 0x7bff);
    assertThat(Half.floatToF16(65_520f)).isEqualTo((short) 0x7c00);
    assertThat(Half.floatToF16(0x1p-25f)).isZero();
    assertThat(Half.floatToF16(0x1.8p-25f)).isEqualTo((short) 1);
  }

  /** A NaN whose payload lies in the lower half alone would become infinity if it were cut off. */
  @Test
  void nanStaysNan() {
    for (int bits : new int[] {0x7f800001, 0xff800001, 0x7fffffff, 0x7fc00000, 0xffffffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(Half.bf16ToFloat(Half.floatToBf16(nan))).isNaN();
      assertThat(Half.floatToBf16(nan) < 0).isEqualTo(bits < 0);
      assertThat(Half.f16ToFloat(Half.floatToF16(nan))).isNaN();
    }
  }
}
