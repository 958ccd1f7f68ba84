package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.transformer.tokenizer.bpe.Utf8;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TokenizerPropertiesTest {
  private final ByteLevelBpe tokenizer = BpeTrainer.ofSize(300)
      .train(List.of("the sheep, the shepherd and the other sheep", "über die Hügel über die Hügel").iterator());

  @Property(seed = "20230412")
  void decodingUndoesEncodingUpToNfc(@ForAll("texts") String text) {
    // Normalised text is what any vocabulary of all bytes must give back; older tables leave newer characters alone.
    String nfc = Normalizer.normalize(text, Normalizer.Form.NFC);
    assertThat(tokenizer.decode(tokenizer.encode(nfc))).isEqualTo(nfc);
    assertThat(Normalizer.normalize(tokenizer.decode(tokenizer.encode(text)), Normalizer.Form.NFC)).isEqualTo(nfc);
  }

  @Property(seed = "20230412")
  void aStreamGivesWhatDecodingAtOnceGives(@ForAll("ids") int[] ids, @ForAll boolean skip) {
    assertThat(Cases.stream(tokenizer, ids, skip)).isEqualTo(tokenizer.decode(ids, skip));
  }

  @Property(seed = "20230412")
  void aStreamNeverEndsInsideACodePoint(@ForAll("texts") String text) {
    TokenDecoder decoder = tokenizer.decoder();
    StringBuilder soFar = new StringBuilder();
    for (int id : tokenizer.encode(text)) {
      String part = decoder.push(id);
      assertThat(Utf8.loneSurrogate(part)).isEqualTo(-1);
      assertThat(part).doesNotContain("\uFFFD");
      soFar.append(part);
    }
    assertThat(decoder.flush()).isEmpty();
    assertThat(soFar.toString()).isEqualTo(tokenizer.decode(tokenizer.encode(text)));
  }

  @Property(seed = "20230412")
  void loneSurrogatesCountAsReplacementCharacters(@ForAll String text) {
    String repaired = new String(Utf8.encode(text), StandardCharsets.UTF_8);
    assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encode(repaired));
    assertThat(repaired.codePointCount(0, repaired.length())).isEqualTo(text.codePointCount(0, text.length()));
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Integer> codePoints = Arbitraries.oneOf(
            Arbitraries.of(' ', '\n', '\'', 's', '\u00A0', '\u0301').map(c -> (int) c),
            Arbitraries.integers().between(0x20, 0x17F),
            Arbitraries.integers().between(0x300, 0xFFFC),
            Arbitraries.integers().between(0x10000, 0x10FFFF))
        .filter(c -> c < 0xD800 || c > 0xDFFF);
    return codePoints.list().ofMaxSize(60).map(list -> {
      StringBuilder text = new StringBuilder();
      list.forEach(text::appendCodePoint);
      return text.toString();
    });
  }

  @Provide
  Arbitrary<int[]> ids() {
    return Arbitraries.integers().between(-1, 310).array(int[].class).ofMaxSize(40);
  }
}
