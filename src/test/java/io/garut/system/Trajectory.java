package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Eight steps of a checkpoint of the conformance pack, as PyTorch took them; the bounds are the pack's. */
record Trajectory(Path folder, JsonNode json) {
  private static final double LOSS = 1e-4; // relative
  private static final double PARAMETER = 1e-3; // relative, Frobenius

  /** That of checkpoint {@code name}; the calling test is skipped where there is no pack. */
  static Trajectory of(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    return new Trajectory(folder, Conformance.json(folder.resolve("training.json")));
  }

  /** The model before the first step, which the caller closes. */
  GptNeoX model() throws IOException {
    return GptNeoX.trainable(folder, DType.F32);
  }

  TrainingOptions options() {
    JsonNode hyper = json.get("hyperparameters");
    AdamW adamW = new AdamW(hyper.get("betas").get(0).asDouble(), hyper.get("betas").get(1).asDouble(),
        hyper.get("eps").asDouble(), hyper.get("weight_decay").asDouble());
    LearningRate rate = new LearningRate(
        hyper.get("lr").asDouble(), Warmup.LINEAR, hyper.get("warmup_steps").asInt(), Decay.CONSTANT, 0, 0);
    return TrainingOptions.adamW(0).withOptimizer(adamW).withLearningRate(rate)
        .withMaxGradientNorm(hyper.get("max_grad_norm").asDouble());
  }

  /** Takes the steps, each in so many micro-batches, and checks what they report. */
  void run(Trainer trainer, int microBatches) throws IOException {
    try (Checkpoint batches = Checkpoint.open(folder.resolve("training-batches.safetensors"))) {
      for (JsonNode step : json.get("steps")) {
        List<Example> rows = Conformance.examples(batches, "." + (step.get("step").asInt() - 1));
        StepReport report = trainer.step(split(rows, microBatches));
        assertThat(report.learningRate()).isCloseTo(step.get("lr").asDouble(), within(1e-15));
        assertThat(report.loss()).as("loss").isCloseTo(step.get("loss").asDouble(), within(step.get("loss").asDouble() * LOSS));
        double norm = step.get("grad_norm").asDouble();
        assertThat(report.gradientNorm()).as("norm").isCloseTo(norm, within(norm * LOSS));
      }
    }
  }

  /** Checks the weights after the last step. */
  void check(GptNeoX model) throws IOException {
    try (Checkpoint expected = Checkpoint.open(folder.resolve("training-final.safetensors"))) {
      for (Tensor weight : model.weights()) {
        float[] actual = weight.toFloatArray();
        float[] wanted = Conformance.floats(expected, weight.name());
        if (weight.name().endsWith("query_key_value.bias")) {
          withoutNoise(model.config(), actual);
          withoutNoise(model.config(), wanted);
        }
        assertThat(Conformance.relativeError(actual, wanted)).as(weight.name()).isLessThanOrEqualTo(PARAMETER);
      }
    }
  }

  /**
   * A bias of the keys that no rotation touches adds the same to all scores of a query, which changes nothing: its gradient
   * is rounding, and Adam makes steps of it. (PyTorch in double precision is 5e-3 off the pack there.)
   */
  private static void withoutNoise(NeoXConfig config, float[] bias) {
    int size = config.headSize();
    for (int head = 0; head < config.heads(); head++) {
      int keys = (3 * head + 1) * size;
      Arrays.fill(bias, keys + config.rotatedElements(), keys + size, 0);
    }
  }

  private static List<List<Example>> split(List<Example> rows, int parts) {
    List<List<Example>> all = new ArrayList<>();
    int size = rows.size() / parts;
    for (int i = 0; i < parts; i++) {
      all.add(rows.subList(i * size, (i + 1) * size));
    }
    return all;
  }
}
