package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.TokenBatch;
import io.garut.transformer.WeightNames;
import io.garut.transformer.WeightSource;
import io.garut.transformer.evaluation.Scorer;
import io.garut.transformer.generation.DecodingSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every checkpoint of the conformance pack computes what PyTorch and Transformers compute; the bounds are the pack's. */
class ModelConformanceTest {
  private static final double FORWARD = 1e-5; // relative, Frobenius
  private static final double LOG_PROBABILITY = 1e-4;

  @ParameterizedTest
  @MethodSource("io.garut.system.Conformance#models")
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
  @MethodSource("io.garut.system.Conformance#models")
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
  @MethodSource("io.garut.system.Conformance#models")
  void logLikelihood(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    try (GptNeoX model = GptNeoX.open(folder)) {
      assertLogLikelihoods(model, folder.resolve("loglikelihood.json"), LOG_PROBABILITY);
    }
  }

  /** The same model in a GGUF file, without its tokenizer, which is made up. */
  @Test
  void logLikelihoodFromGguf() throws IOException {
    Path expected = Conformance.path("models/base").resolve("loglikelihood.json");
    try (ModelFiles files = ModelFiles.open(Conformance.path("gguf/model-F32.gguf"));
        GptNeoX model = new GptNeoX(files.config(), files.weights(), null)) {
      model.prepare();
      assertLogLikelihoods(model, expected, LOG_PROBABILITY);
    }
  }

  /**
   * Narrow weights give what the weights that they stand for give. Of Q4_0, the activations are rounded to 8 bits too:
   * each is off by 1/254 of the largest of 32 at most, and log-probabilities of a size around ten by as much of them.
   */
  @ParameterizedTest
  @CsvSource({"F16, 1e-4", "Q8_0, 1e-4", "Q4_0, 4e-2"})
  void logLikelihoodFromNarrowGguf(String type, double bound) throws IOException {
    Path expected = Conformance.path("models/base").resolve("loglikelihood.json");
    try (ModelFiles files = ModelFiles.open(Conformance.path("gguf/model-" + type + ".gguf"));
        Checkpoint wide = Checkpoint.open(Conformance.path("gguf/dequantized-" + type + ".safetensors"));
        GptNeoX narrow = new GptNeoX(files.config(), files.weights(), null);
        GptNeoX reference = new GptNeoX(files.config(), new Dequantized(wide), null)) {
      narrow.prepare();
      reference.prepare();
      for (JsonNode one : Conformance.json(expected)) {
        int[] context = Conformance.ints(one.get("context"));
        int[] continuation = Conformance.ints(one.get("continuation"));
        double wanted = new Scorer(reference).logLikelihood(context, continuation).logLikelihood();
        double got = new Scorer(narrow).logLikelihood(context, continuation).logLikelihood();
        assertThat(got).isCloseTo(wanted, within(bound * continuation.length));
      }
    }
  }

  /** Weights in F32 under GGUF's names. */
  private record Dequantized(Checkpoint checkpoint) implements WeightSource {
    @Override
    public Tensor matrix(String name, long rows, long columns) throws CheckpointException {
      return values(name).reshape(rows, columns).keep();
    }

    @Override
    public Tensor vector(String name, long length) throws CheckpointException {
      return values(name).reshape(length).keep();
    }

    private Tensor values(String name) throws CheckpointException {
      try {
        return Tensor.of(Conformance.floats(checkpoint, WeightNames.gguf(name)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public QkvOrder qkvOrder() {
      return QkvOrder.STACKED;
    }
  }

  private static void assertLogLikelihoods(GptNeoX model, Path file, double bound) throws IOException {
    Scorer scorer = new Scorer(model);
    for (JsonNode expected : Conformance.json(file)) {
      int[] continuation = Conformance.ints(expected.get("continuation"));
      Scorer.LogLikelihood got = scorer.logLikelihood(Conformance.ints(expected.get("context")), continuation);
      assertThat(got.logLikelihood())
          .isCloseTo(expected.get("loglikelihood").asDouble(), within(bound));
      assertThat(got.greedy()).isEqualTo(expected.get("greedy").asBoolean());
    }
  }
}
