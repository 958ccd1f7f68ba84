package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GgufVocabularyTest {
  static GgufVocabulary withoutJson(GgufVocabulary v) {
    return new GgufVocabulary(
        v.model(), v.pre(), v.tokens(), v.tokenTypes(), v.merges(), v.bos(), v.eos(), Optional.empty());
  }

  @Test
  void carriesThePlainFixtureThereAndBack() throws Exception {
    GgufVocabulary gguf = Cases.fixture("plain").toGguf(500);
    assertThat(gguf.tokens()).hasSize(500).endsWith("[PAD499]");
    assertThat(gguf.tokenTypes().getLast()).isEqualTo(GgufVocabulary.UNUSED);
    assertThat(gguf.tokenTypes().getFirst()).isEqualTo(GgufVocabulary.CONTROL);
    Cases.agree(ByteLevelBpe.of(gguf, "x.gguf"), Cases.read(Cases.resource("plain-cases.json")));

    ByteLevelBpe bare = ByteLevelBpe.of(withoutJson(gguf), "x.gguf");
    String text = "### End the sheep   don't ### Response:\n";
    assertThat(bare.encode(text)).isEqualTo(Cases.fixture("plain").encode(text));
    assertThat(bare.toGguf(500).tokens()).isEqualTo(gguf.tokens());
  }

  @Test
  void refusesAModelWithFewerRowsThanIds() throws Exception {
    ByteLevelBpe tokenizer = Cases.fixture("plain");
    assertThatThrownBy(() -> tokenizer.toGguf(10)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only 10 rows");
  }

  @Test
  void refusesOtherModelsAndOtherSplitting() throws Exception {
    GgufVocabulary v = withoutJson(Cases.fixture("plain").toGguf(500));
    refused(new GgufVocabulary("llama", "", v.tokens(), v.tokenTypes(), v.merges(), v.bos(), v.eos(), Optional.empty()),
        "x.gguf: tokenizer.ggml.model: \"llama\" is not read; only gpt2, byte-level BPE, is");
    refused(with(v, "llama-bpe", v.tokens(), v.tokenTypes(), v.merges()),
        "x.gguf: tokenizer.ggml.pre: \"llama-bpe\" splits text in a way that is not known here");
  }

  @Test
  void refusesContradictions() throws Exception {
    GgufVocabulary v = withoutJson(Cases.fixture("plain").toGguf(500));
    List<String> twice = new ArrayList<>(v.tokens());
    twice.set(300, twice.get(301));
    refused(with(v, "olmo", twice, v.tokenTypes(), v.merges()),
        "x.gguf: tokenizer.ggml.tokens[301]: ");
    refused(with(v, "olmo", v.tokens(), List.of(1, 1), v.merges()),
        "x.gguf: tokenizer.ggml.token_type: 2 types for 500 tokens");
    refused(with(v, "olmo", v.tokens(), v.tokenTypes(), List.of("a")),
        "x.gguf: tokenizer.ggml.merges[0]: expected two tokens and one space, found \"a\"");
    refused(with(v, "olmo", List.of(), List.of(), List.of()), "x.gguf: model.vocab: it is empty");
  }

  private static GgufVocabulary with(
      GgufVocabulary v, String pre, List<String> tokens, List<Integer> types, List<String> merges) {
    return new GgufVocabulary(v.model(), pre, tokens, types, merges, v.bos(), v.eos(), Optional.empty());
  }

  private static void refused(GgufVocabulary vocabulary, String message) {
    assertThatThrownBy(() -> ByteLevelBpe.of(vocabulary, "x.gguf"))
        .isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith(message);
  }
}
