package io.garut.transformer.tokenizer.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
  /** The examples of Unicode 16, section 3.9, tables 3-8 to 3-11, and the ends of ranges; ~ is U+FFFD. */
  @ParameterizedTest
  @CsvSource({
      "C0AFE080BFF0818241, ~~~~~~~~A",
      "EDA080EDBFBFEDAF41, ~~~~~~~~A",
      "F4919293FF4180BF42, ~~~~~A~~B",
      "E180E2F09192F1BF41, ~~~~A",
      "F0908080, \uD800\uDC00",
      "F48FBFBF, \uDBFF\uDFFF",
      "F4908080, ~~~~",
      "E0A0, ~",
      "F09F90, ~",
      "C3, ~",
      "41C3, A~",
      "EFBFBD, ~",
  })
  void eachMaximalInvalidPartIsOneReplacement(String hex, String text) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Utf8.decode(bytes, 0, bytes.length)).isEqualTo(text.replace('~', '\uFFFD'));
  }

  @Test
  void halfSurrogatePairsBecomeReplacements() {
    assertThat(Utf8.encode("a\uD800b")).isEqualTo(HexFormat.of().parseHex("61EFBFBD62"));
    assertThat(Utf8.encode("\uDC00\uD83D\uDC11")).isEqualTo(HexFormat.of().parseHex("EFBFBDF09F9091"));
  }

  @Test
  void invalidBytesAreFound() {
    assertThat(Utf8.firstInvalid(HexFormat.of().parseHex("41C3A9EFBFBD"))).isEqualTo(-1);
    assertThat(Utf8.firstInvalid(HexFormat.of().parseHex("41C3A9EFBF"))).isEqualTo(3);
  }
}
