package io.garut.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.DType;
import io.garut.tensor.TensorScope;
import io.garut.transformer.generation.DecodingSession;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dynamic rotary scaling is Transformers': {@code src/test/python/dynamic_rope_fixture.py} made the figures. */
class DynamicRotaryTest {
  /** The conformance pack's bound for log-probabilities; here the logits' own size is a few units. */
  private static final double BOUND = 1e-4;

  private static GptNeoX model;
  private static JsonNode expected;

  @BeforeAll
  static void open() throws IOException, URISyntaxException {
    Path folder = Path.of(DynamicRotaryTest.class.getResource("dynamic/expected.json").toURI()).getParent();
    expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    model = GptNeoX.open(folder);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    Arrays.setAll(values, i -> array.get(i).asInt());
    return values;
  }

  private static void assertClose(float[] logits, int row, JsonNode wanted, String what) {
    int width = wanted.size();
    for (int i = 0; i < width; i++) {
      assertThat((double) logits[row * width + i]).as(what).isCloseTo(wanted.get(i).asDouble(), within(BOUND));
    }
  }

  @Test
  void wholeSequences() {
    List<int[]> all = new ArrayList<>();
    for (JsonNode sequence : expected.get("sequences")) {
      int[] ids = ints(sequence.get("ids"));
      all.add(ids);
      try (TensorScope _ = TensorScope.open();
          TokenBatch batch = TokenBatch.sequences(ids)) {
        assertSequence(model.logits(model.hidden(batch, null)).toFloatArray(), 0, sequence);
      }
    }
    // and together, where each keeps the angles of its own length
    try (TensorScope _ = TensorScope.open();
        TokenBatch batch = TokenBatch.sequences(all.toArray(int[][]::new))) {
      float[] logits = model.logits(model.hidden(batch, null)).toFloatArray();
      int row = 0;
      for (JsonNode sequence : expected.get("sequences")) {
        assertSequence(logits, row, sequence);
        row += sequence.get("ids").size();
      }
    }
  }

  private static void assertSequence(float[] logits, int row, JsonNode sequence) {
    int length = sequence.get("ids").size();
    assertClose(logits, row, sequence.get("first_logits"), "the first of " + length);
    assertClose(logits, row + length / 2, sequence.get("middle_logits"), "the middle of " + length);
    assertClose(logits, row + length - 1, sequence.get("last_logits"), "the last of " + length);
  }

  /** Greedy, the prompt in pieces; the bounds are checked on the way. */
  private static void assertGeneration() {
    JsonNode text = expected.get("generation");
    int[] prompt = ints(text.get("prompt"));
    int[] greedy = ints(text.get("greedy"));
    float[][] logits = new float[1][model.vocabularySize()];
    try (DecodingSession session = new DecodingSession(model, 1, 64, DType.F32, 5)) {
      session.prefill(0, prompt, 0, prompt.length, logits[0]);
      for (int i = 0; i < greedy.length; i++) {
        assertThat(logProbability(logits[0], greedy[i]))
            .as("token %d", i)
            .isCloseTo(text.get("logprobs").get(i).asDouble(), within(BOUND));
        session.step(new int[] {0}, new int[] {greedy[i]}, 1, logits);
      }
    }
  }

  private static double logProbability(float[] logits, int token) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[token] - Math.log(sum);
  }

  @Test
  void aTextThatGrowsBeyondTheTrainedContext() {
    assertGeneration();
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    JsonNode longest = expected.get("sequences").get(4);
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(
          () -> {
            assertGeneration();
            return true;
          });
      tasks.add(
          () -> {
            for (int round = 0; round < 20; round++) {
              try (TensorScope _ = TensorScope.open();
                  TokenBatch batch = TokenBatch.sequences(ints(longest.get("ids")))) {
                assertSequence(model.logits(model.hidden(batch, null)).toFloatArray(), 0, longest);
              }
            }
            return true;
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> done : threads.invokeAll(tasks)) {
        assertThat(done.get()).isTrue();
      }
    }
  }
}
