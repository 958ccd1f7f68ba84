package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.TokenBatch;
import io.garut.transformer.evaluation.Scorer;
import io.garut.transformer.generation.DecodingSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every checkpoint of the conformance pack computes what PyTorch and Transformers compute; the bounds are the pack's. */
class ModelConformanceTest {
  private static final double FORWARD = 1e-5; // relative, Frobenius
  private static final double LOG_PROBABILITY = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "bf16-safetensors",
        "dolly-like-bf16-sharded-bin",
        "pythia-like-fp16-bin",
        "sequential-residual",
        "tied-no-bias-gelu-new"
      })
  void forward(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    try (GptNeoX model = GptNeoX.open(folder);
        Checkpoint expected = Checkpoint.open(folder.resolve("forward.safetensors"));
        TensorScope _ = TensorScope.open()) {
      int columns = (int) expected.entry("input_ids").shape().dim(1);
      long[] ids = Conformance.longs(expected, "input_ids");
      int[][] rows = new int[ids.length / columns][columns];
      for (int i = 0; i < ids.length; i++) {
        rows[i / columns][i % columns] = (int) ids[i];
      }
      TokenBatch batch = TokenBatch.sequences(rows);

      Tensor logits = model.logits(model.hidden(batch, null));
      assertThat(Conformance.relativeError(logits.toFloatArray(), Conformance.floats(expected, "logits")))
          .as("logits")
          .isLessThanOrEqualTo(FORWARD);

      List<Tensor> states = model.hiddenStates(batch);
      for (int i = 0; i < states.size(); i++) {
        String state = "hidden_states." + i;
        assertThat(Conformance.relativeError(states.get(i).toFloatArray(), Conformance.floats(expected, state)))
            .as(state)
            .isLessThanOrEqualTo(FORWARD);
      }
      assertThat(loss(logits, Conformance.longs(expected, "labels"), columns))
          .isCloseTo(Conformance.floats(expected, "loss")[0], within(FORWARD));
    }
  }

  /** The mean over learnt tokens; a row's logits predict the next column's label. */
  private static double loss(Tensor logits, long[] labels, int columns) {
    int[] shifted = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      shifted[i] = (i + 1) % columns == 0 ? Layer.CrossEntropy.IGNORE : (int) labels[i + 1];
    }
    Tensor losses = Executor.current().apply(new Layer.CrossEntropy(), logits, Tensor.of(shifted))[0];
    long learnt = Arrays.stream(shifted).filter(label -> label != Layer.CrossEntropy.IGNORE).count();
    return Arrays.stream(losses.toDoubleArray()).sum() / learnt;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "bf16-safetensors",
        "dolly-like-bf16-sharded-bin",
        "pythia-like-fp16-bin",
        "sequential-residual",
        "tied-no-bias-gelu-new"
      })
  void generation(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    try (GptNeoX model = GptNeoX.open(folder)) {
      for (JsonNode expected : Conformance.json(folder.resolve("generation.json"))) {
        int[] prompt = Conformance.ints(expected.get("prompt"));
        int[] greedy = Conformance.ints(expected.get("greedy"));
        int[] slots = {0};
        int[] next = new int[1];
        float[][] logits = new float[1][model.vocabularySize()];
        // 16 tokens a chunk: the prompt of 40 takes three
        try (DecodingSession session =
            new DecodingSession(model, 1, prompt.length + greedy.length, DType.F32, 16)) {
          session.prefill(0, prompt, 0, prompt.length, logits[0]);
          for (int i = 0; i < greedy.length; i++) {
            next[0] = Conformance.argmax(logits[0]);
            assertThat(next[0]).as("token %d after a prompt of %d", i, prompt.length).isEqualTo(greedy[i]);
            assertThat(Conformance.logProbability(logits[0], greedy[i]))
                .isCloseTo(expected.get("logprobs").get(i).asDouble(), within(LOG_PROBABILITY));
            session.step(slots, next, 1, logits);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "bf16-safetensors",
        "dolly-like-bf16-sharded-bin",
        "pythia-like-fp16-bin",
        "sequential-residual",
        "tied-no-bias-gelu-new"
      })
  void logLikelihood(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    try (GptNeoX model = GptNeoX.open(folder)) {
      Scorer scorer = new Scorer(model);
      for (JsonNode expected : Conformance.json(folder.resolve("loglikelihood.json"))) {
        Scorer.LogLikelihood got =
            scorer.logLikelihood(
                Conformance.ints(expected.get("context")), Conformance.ints(expected.get("continuation")));
        assertThat(got.logLikelihood())
            .isCloseTo(expected.get("loglikelihood").asDouble(), within(LOG_PROBABILITY));
        assertThat(got.greedy()).isEqualTo(expected.get("greedy").asBoolean());
      }
    }
  }
}
