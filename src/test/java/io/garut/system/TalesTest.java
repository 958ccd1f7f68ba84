package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.evaluation.Scorer;
import io.garut.transformer.generation.Generation;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The trained model tells the tales that Transformers makes it tell. */
class TalesTest {
  @Test
  void greedyTexts() throws IOException {
    Path folder = Conformance.tales();
    try (GptNeoX model = GptNeoX.open(folder)) {
      for (JsonNode expected : Conformance.json(folder.resolve("expected.json")).get("generation")) {
        int[] ids = Conformance.ints(expected.get("greedy_ids"));
        Generator generator = Generator.of(model).maxNewTokens(ids.length).endTokens(Set.of());
        StringBuilder streamed = new StringBuilder();
        Generation got = generator.stream(expected.get("prompt").asText(), streamed::append);
        assertThat(got.ids()).containsExactly(ids);
        assertThat(got.text()).isEqualTo(expected.get("greedy_text").asText());
        assertThat(streamed).hasToString(got.text());
      }
    }
  }

  @Test
  void logLikelihoods() throws IOException {
    Path folder = Conformance.tales();
    try (GptNeoX model = GptNeoX.open(folder)) {
      Tokenizer tokenizer = model.tokenizer().orElseThrow();
      for (JsonNode expected : Conformance.json(folder.resolve("expected.json")).get("loglikelihood")) {
        int[] ids = Conformance.ints(expected.get("ids"));
        String whole = expected.get("context").asText() + expected.get("continuation").asText();
        assertThat(tokenizer.encode(whole)).containsExactly(ids);
        int context = expected.get("context_length").asInt();
        double got =
            new Scorer(model)
                .logLikelihood(Arrays.copyOf(ids, context), Arrays.copyOfRange(ids, context, ids.length))
                .logLikelihood();
        assertThat(got).isCloseTo(expected.get("loglikelihood").asDouble(), within(1e-4)); // the pack's bound
      }
    }
  }

  @Test
  void perplexity() throws IOException {
    Path folder = Conformance.tales();
    try (GptNeoX model = GptNeoX.open(folder)) {
      JsonNode expected = Conformance.json(folder.resolve("expected.json")).get("perplexity");
      String text = Files.readString(folder.resolve(expected.get("file").asText()));
      int[] ids = model.tokenizer().orElseThrow().encode(text);
      assertThat(ids).hasSize(expected.get("tokens").asInt());
      Scorer.Perplexity got = new Scorer(model).perplexity(ids, 512);
      assertThat(got.scored()).isEqualTo(expected.get("scored").asLong());
      // F32 sums in another order: 1e-5 of the logits' size is the pack's bound for them
      assertThat(got.negativeLogLikelihood()).isCloseTo(expected.get("nll").asDouble(), within(1e-5));
    }
  }
}
