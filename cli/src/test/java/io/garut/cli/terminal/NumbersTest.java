package io.garut.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void bytes() {
    assertThat(Numbers.bytes(0)).isEqualTo("0 B");
    assertThat(Numbers.bytes(999)).isEqualTo("999 B");
    assertThat(Numbers.bytes(1000)).isEqualTo("1.00 kB");
    assertThat(Numbers.bytes(13_672_448)).isEqualTo("13.7 MB");
    assertThat(Numbers.bytes(999_600)).isEqualTo("1.00 MB");
    assertThat(Numbers.bytes(23_800_000_000L)).isEqualTo("23.8 GB");
    assertThat(Numbers.bytes(Long.MAX_VALUE)).isEqualTo("9223372 TB");
  }

  @Test
  void threeDigits() {
    assertThat(Numbers.three(0.1234)).isEqualTo("0.123");
    assertThat(Numbers.three(9.999)).isEqualTo("10.0");
    assertThat(Numbers.three(12.34)).isEqualTo("12.3");
    assertThat(Numbers.three(1234.5)).isEqualTo("1235");
  }

  @Test
  void spans() {
    assertThat(Numbers.seconds(0.0421)).isEqualTo("0.042 s");
    assertThat(Numbers.seconds(59.4)).isEqualTo("59 s");
    assertThat(Numbers.seconds(61)).isEqualTo("1 min 1 s");
    assertThat(Numbers.seconds(7322)).isEqualTo("2 h 2 min");
  }

  @Test
  void counts() {
    assertThat(Numbers.count(1, "turn")).isEqualTo("1 turn");
    assertThat(Numbers.count(1234, "token")).isEqualTo("1,234 tokens");
  }
}
