package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The conformance pack's tokenizers: the real ones of Pythia and Dolly, and that of the small trained model. */
class TokenizerConformanceTest {
  @ParameterizedTest
  @ValueSource(strings = {"gpt-neox-20b", "dolly-v2"})
  void realTokenizersAgreeWithHuggingFace(String name) throws Exception {
    Path folder = Cases.conformance("tokenizers/" + name);
    JsonNode cases = Cases.read(Files.readString(folder.resolve("cases.json")));
    ByteLevelBpe tokenizer = ByteLevelBpe.open(folder);
    Cases.agree(tokenizer, cases);
    Cases.agree(ByteLevelBpe.parse(tokenizer.toJson(), "written"), cases);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt-neox-20b", "dolly-v2"})
  void ggufAloneSuffices(String name) throws Exception {
    Path folder = Cases.conformance("tokenizers/" + name);
    GgufVocabulary gguf = ByteLevelBpe.open(folder).toGguf(50304).withBoundaries(OptionalInt.of(0), OptionalInt.of(0));
    GgufVocabulary bare = GgufVocabularyTest.withoutJson(gguf);
    JsonNode cases = Cases.read(Files.readString(folder.resolve("cases.json")));
    Cases.agree(ByteLevelBpe.of(gguf, "with the tokenizer.json"), cases);
    Cases.agree(ByteLevelBpe.of(bare, "without it"), cases);
  }

  @Test
  void thePromptsOfTales7mHaveTheirIds() throws Exception {
    Path folder = Cases.conformance("../models/tales-7m");
    ByteLevelBpe tokenizer = ByteLevelBpe.open(folder);
    JsonNode expected = Cases.read(Files.readString(folder.resolve("expected.json")));
    for (JsonNode generation : expected.get("generation")) {
      assertThat(tokenizer.encode(generation.get("prompt").asText()))
          .isEqualTo(Cases.ids(generation.get("prompt_ids")));
      assertThat(tokenizer.decode(Cases.ids(generation.get("greedy_ids"))))
          .isEqualTo(generation.get("greedy_text").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizers/gpt-neox-20b", "../models/tales-7m"})
  void aBookComesBackAndEncodesAtFiveMegabytesASecond(String path) throws Exception {
    ByteLevelBpe tokenizer = ByteLevelBpe.open(Cases.conformance(path));
    Path file = Cases.conformance("../tales.txt");
    String text = Files.readString(file);
    int[] ids = tokenizer.encode(text);
    assertThat(tokenizer.decode(ids)).isEqualTo(Normalizer.normalize(text, Normalizer.Form.NFC));
    double fastest = Double.MAX_VALUE;
    for (int run = 0; run < 5; run++) {
      long start = System.nanoTime();
      assertThat(tokenizer.encode(text)).hasSize(ids.length);
      fastest = Math.min(fastest, (System.nanoTime() - start) / 1e9);
    }
    // The bound, on one core; the fastest of five, as other work may share it.
    assertThat(Files.size(file) / 1e6 / fastest).as("MB/s").isGreaterThan(5);
  }
}
