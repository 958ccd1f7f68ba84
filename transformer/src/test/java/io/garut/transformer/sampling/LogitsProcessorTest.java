package io.garut.transformer.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LogitsProcessorTest {
  private static final float MASKED = Float.NEGATIVE_INFINITY;

  @Test
  void everyProcessorAgreesWithTheConformancePack() throws Exception {
    String folder = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(folder != null, "GARUT_CONFORMANCE names no folder: sampling.json is not compared");
    JsonNode pack = new ObjectMapper().readTree(Path.of(folder, "sampling.json").toFile());
    float[] logits = floats(pack.get("logits"));
    int[] history = ints(pack.get("input_ids"));
    Map<String, LogitsProcessor> processors = Map.of(
        "temperature=0.7", new LogitsProcessor.Temperature(0.7),
        "top_k=5", new LogitsProcessor.TopK(5),
        "top_p=0.92", new LogitsProcessor.TopP(0.92),
        "top_p=0.1", new LogitsProcessor.TopP(0.1),
        "min_p=0.05", new LogitsProcessor.MinP(0.05),
        "typical_p=0.9", new LogitsProcessor.Typical(0.9),
        "repetition_penalty=1.3", new LogitsProcessor.RepetitionPenalty(1.3),
        "no_repeat_ngram_size=3", new LogitsProcessor.NoRepeatNgram(3));
    JsonNode expected = pack.get("processed");
    assertThat(expected.size()).isEqualTo(processors.size());
    processors.forEach((name, processor) -> {
      float[] processed = logits.clone();
      processor.process(processed, processed.length, history, history.length, new SamplingScratch(logits.length));
      assertAgrees(name, processed, expected.get(name));
    });
  }

  @Test
  void whatTransformersDoesOneAfterAnotherIsDoneHere() throws Exception {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("processed.json")) {
      cases = new ObjectMapper().readTree(in);
    }
    assertThat(cases).hasSizeGreaterThan(50);
    for (JsonNode c : cases) {
      SamplingParameters parameters = SamplingParameters.sampling()
          .withTemperature(c.get("temperature").asDouble())
          .withTopK(c.get("top_k").asInt())
          .withTopP(c.get("top_p").asDouble())
          .withMinP(c.get("min_p").asDouble(0))
          .withTypicalP(c.get("typical_p").asDouble())
          .withRepetitionPenalty(c.get("repetition_penalty").asDouble())
          .withNoRepeatNgramSize(c.get("no_repeat_ngram_size").asInt());
      float[] processed = process(parameters, floats(c.get("logits")), ints(c.get("history")));
      assertAgrees(parameters.toString(), processed, c.get("processed"));
    }
  }

  /** The pack's bound: 1e-6 where a value is left, relative where it is above 1; the same entries ruled out. */
  private static void assertAgrees(String name, float[] processed, JsonNode expected) {
    for (int i = 0; i < processed.length; i++) {
      JsonNode value = expected.get(i);
      double difference = value.isNull()
          ? (processed[i] == MASKED ? 0 : Double.MAX_VALUE)
          : Math.abs(processed[i] - value.asDouble()) / Math.max(1, Math.abs(value.asDouble()));
      assertThat(difference).as("%s, token %d: %s for %s", name, i, processed[i], value).isLessThanOrEqualTo(1e-6);
    }
  }

  @Test
  void theOrderIsTransformers() {
    SamplingParameters all = SamplingParameters.sampling().withTemperature(0.7).withTopK(5).withTopP(0.9).withMinP(0.1)
        .withTypicalP(0.8).withRepetitionPenalty(1.2).withNoRepeatNgramSize(2);
    assertThat(all.processors()).containsExactly(
        new LogitsProcessor.RepetitionPenalty(1.2),
        new LogitsProcessor.NoRepeatNgram(2),
        new LogitsProcessor.Temperature(0.7),
        new LogitsProcessor.TopK(5),
        new LogitsProcessor.TopP(0.9),
        new LogitsProcessor.MinP(0.1),
        new LogitsProcessor.Typical(0.8));
    assertThat(all.withTemperature(0).processors()).hasSize(2);
    assertThat(SamplingParameters.sampling().processors()).isEmpty();
  }

  @Test
  void equalsAtTheEdgeOfTopPStayFromTheLastOn() {
    float[] uniform = new float[8];
    assertThat(process(SamplingParameters.sampling().withTopP(0.5), uniform, new int[0]))
        .containsExactly(MASKED, MASKED, MASKED, MASKED, 0, 0, 0, 0);
    float[] two = {3, -0f, 0f, -0f, 3};
    assertThat(process(SamplingParameters.sampling().withTopP(0), two, new int[0]))
        .containsExactly(MASKED, MASKED, MASKED, MASKED, 3);
  }

  @Test
  void equalsAtTheEdgeOfTopKAllStay() {
    float[] logits = {1, -0f, 2, 0f, -1, 0f};
    assertThat(process(SamplingParameters.sampling().withTopK(3), logits, new int[0]))
        .containsExactly(1, -0f, 2, 0, MASKED, 0);
  }

  @Test
  void tokensBeyondTheVocabularyDoNotMatter() {
    float[] logits = {1, 2, 3};
    SamplingParameters parameters = SamplingParameters.sampling().withRepetitionPenalty(2).withNoRepeatNgramSize(2);
    assertThat(process(parameters, logits, new int[] {7, 9, 1, 7})).containsExactly(1, 1, 3);
  }

  @Test
  void aPlainSortFindsTheSameThresholds() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      int count = 1 + random.nextInt(3000);
      float scale = List.of(0f, 0.01f, 3f, 1000f).get(random.nextInt(4));
      int[] keys = new int[count];
      double[] weights = new double[count];
      for (int i = 0; i < count; i++) {
        keys[i] = Threshold.key((float) random.nextGaussian() * scale);
        weights[i] = random.nextInt(3); // whole numbers, so that sums are exact in every order
      }
      weights[random.nextInt(count)] = 1;
      double mass = random.nextInt(2 * count + 1);
      Threshold threshold = new Threshold(count);
      assertThat(threshold.find(keys, weights, count, mass)).isEqualTo(plain(keys, weights, mass));
    }
  }

  private static int plain(int[] keys, double[] weights, double mass) {
    Integer[] order = new Integer[keys.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Integer.compare(keys[b], keys[a]));
    double reached = 0;
    int found = 0;
    for (int i : order) {
      if (weights[i] > 0) {
        reached += weights[i];
        found = keys[i];
        if (reached >= mass) {
          break;
        }
      }
    }
    return found;
  }

  private static float[] process(SamplingParameters parameters, float[] logits, int[] history) {
    float[] processed = logits.clone();
    SamplingScratch scratch = new SamplingScratch(logits.length);
    for (LogitsProcessor processor : parameters.processors()) {
      processor.process(processed, processed.length, history, history.length, scratch);
    }
    return processed;
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
