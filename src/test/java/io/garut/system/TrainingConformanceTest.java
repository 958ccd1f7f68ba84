package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.Checkpoint;
import io.garut.train.CausalLoss;
import io.garut.train.Trainer;
import io.garut.train.autograd.Gradients;
import io.garut.train.autograd.Tape;
import io.garut.train.data.Example;
import io.garut.transformer.GptNeoX;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients and training trajectories of the conformance pack are PyTorch's; the bounds are the pack's. */
class TrainingConformanceTest {
  private static final double GRADIENT = 1e-4; // relative, Frobenius

  @ParameterizedTest
  @MethodSource("io.garut.system.Conformance#models")
  void gradients(String name) throws IOException {
    Path folder = Conformance.path("models/" + name);
    try (GptNeoX model = GptNeoX.trainable(folder, DType.F32);
        Checkpoint batch = Checkpoint.open(folder.resolve("forward.safetensors"));
        Checkpoint expected = Checkpoint.open(folder.resolve("gradients.safetensors"));
        TensorScope _ = TensorScope.open()) {
      List<Example> examples = Conformance.examples(batch, "");
      try (CausalLoss loss = new CausalLoss(model, examples)) {
        double factor = 1.0 / CausalLoss.learnt(examples);
        for (boolean recompute : new boolean[] {false, true}) {
          try (Gradients gradients = Tape.gradients(() -> loss.sum(factor), model.weights(), region -> recompute)) {
            assertThat(gradients.loss()).isCloseTo(Conformance.floats(batch, "loss")[0], within(1e-5));
            assertThat(model.weights()).extracting(Tensor::name).containsExactlyInAnyOrderElementsOf(expected.names());
            for (Tensor weight : model.weights()) {
              float[] gradient = gradients.of(weight).toFloatArray();
              assertThat(Conformance.relativeError(gradient, Conformance.floats(expected, weight.name())))
                  .as(weight.name())
                  .isLessThanOrEqualTo(GRADIENT);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "base, 1", "base, 2", "base, 4", "bf16-safetensors, 1", "dolly-like-bf16-sharded-bin, 1", "pythia-like-fp16-bin, 4",
    "sequential-residual, 1", "tied-no-bias-gelu-new, 1", "tied-no-bias-gelu-new, 4"
  })
  void trajectory(String name, int microBatches) throws IOException {
    Trajectory trajectory = Trajectory.of(name);
    try (GptNeoX model = trajectory.model();
        Trainer trainer = new Trainer(model, model.weights(), trajectory.options())) {
      trajectory.run(trainer, microBatches);
      trajectory.check(model);
    }
  }
}
