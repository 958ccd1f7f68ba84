package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.spi.Executor;
import io.garut.train.DivergenceException;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.data.batch.Position;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import io.garut.train.optim.LossScale;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that are interrupted anywhere and resumed end with the bits of one that was not. */
class TrainingLoopTest {
  private static final int VOCABULARY = 300;
  private static final int STEPS = 9; // two epochs, the last batch of each smaller
  private static final ByteLevelBpe TOKENIZER =
      BpeTrainer.ofSize(VOCABULARY).specialTokens(List.of("<|endoftext|>")).train(List.of("the sheep of the hill").iterator());

  @TempDir private Path folder;

  private static GptNeoX model(DType dtype) {
    RotaryConfig rotary = new RotaryConfig(0.5, 10_000, new RotaryConfig.Unscaled());
    NeoXConfig config =
        new NeoXConfig(VOCABULARY, 32, 2, 2, 64, Activation.GELU, rotary, 64, 1e-5, true, true, false, 0, 0);
    return GptNeoX.random(config, dtype, 3);
  }

  private static Batches batches() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      int[] ids = new int[5 + i];
      for (int j = 0; j < ids.length; j++) {
        ids[j] = (int) Math.floorMod(SplitMix64.bits(i, j), (long) VOCABULARY);
      }
      examples.add(Example.after(2, ids));
    }
    return Batches.of(Examples.of(examples)).examplesPerMicroBatch(2).microBatchesPerStep(2).seed(5);
  }

  /** Runs until {@code stopAfter} more steps are done, from the last checkpoint on if there is one; the evaluations it made. */
  private List<Evaluation> run(Path out, GptNeoX model, TrainingOptions options, int stopAfter) throws IOException {
    List<Evaluation> evaluations = new ArrayList<>();
    TrainingListener listener = new TrainingListener() {
      private int steps;

      @Override
      public void step(StepReport report) {
        steps++;
      }

      @Override
      public boolean stop() {
        return steps >= stopAfter;
      }

      @Override
      public void evaluated(Evaluation evaluation) {
        evaluations.add(evaluation);
      }
    };
    PromptBattery battery = new PromptBattery(List.of("the sheep"), false, 3);
    Examples test = Examples.of(List.of(Example.of(new int[] {1, 2, 3, 4}), Example.of(new int[] {9, 8})));
    TrainingLoop.Plan plan = new TrainingLoop.Plan(3, STEPS, 4, 3, Map.of("a", 1));
    try (Trainer trainer = new Trainer(model, model.weights(), options);
        RunFolder run = Files.exists(out) ? RunFolder.resume(out, 3) : RunFolder.create(out, RunSettings.empty(), 3)) {
      TrainingLoop loop = new TrainingLoop(model, TOKENIZER, trainer, batches(), plan,
          Optional.of(new Evaluator(model, test)), battery, listener);
      Optional<StoredCheckpoint> last = run.checkpoints().latestGood().found();
      if (last.isPresent()) {
        SavedState state = last.get().restore(model.weights(), trainer);
        loop.resume(last.get(), state);
      }
      run.rewind(trainer.state().step());
      boolean finished = loop.run(run, ModelPart.of(ModelWriter.of(model).tokenizer(TOKENIZER)));
      assertThat(finished).isEqualTo(trainer.state().step() == STEPS);
    }
    return evaluations;
  }

  private static TrainingOptions options(DType dtype) {
    return TrainingOptions.adamW(1e-2)
        .withLearningRate(new LearningRate(1e-2, Warmup.LINEAR, 3, Decay.COSINE, STEPS, 0.1))
        .withLossScale(dtype == DType.F16 ? new LossScale(1024, 4, 0) : LossScale.NONE);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16"})
  void resumesToTheSameBits(DType dtype) throws IOException {
    List<Evaluation> whole;
    List<float[]> expected;
    try (GptNeoX model = model(dtype)) {
      whole = run(folder.resolve("whole"), model, options(dtype), STEPS);
      expected = model.weights().stream().map(Tensor::toFloatArray).toList();
    }
    assertThat(whole).extracting(Evaluation::step).containsExactly(0L, 4L, 8L, 9L);
    assertThat(whole.getLast().loss()).isNotEqualTo(whole.getFirst().loss());
    for (int first : new int[] {1, 4, 8}) {
      List<Evaluation> parts = new ArrayList<>();
      Path out = folder.resolve("cut-" + first);
      for (int stop : new int[] {first, 2, STEPS}) {
        try (GptNeoX model = model(dtype)) {
          parts.addAll(run(out, model, options(dtype), stop));
          if (stop == STEPS) {
            List<float[]> weights = model.weights().stream().map(Tensor::toFloatArray).toList();
            assertThat(weights).usingRecursiveComparison().isEqualTo(expected);
          }
        }
      }
      assertThat(parts).isEqualTo(whole);
    }
  }

  @Test
  void doesNotGoOnWithOtherExamples() throws IOException {
    try (GptNeoX model = model(DType.F32)) {
      run(folder.resolve("run"), model, options(DType.F32), 3);
    }
    try (GptNeoX model = model(DType.F32);
        Trainer trainer = new Trainer(model, model.weights(), options(DType.F32));
        Checkpoints checkpoints = Checkpoints.open(folder.resolve("run"), 3)) {
      StoredCheckpoint last = checkpoints.latestGood().found().orElseThrow();
      TrainingLoop loop = new TrainingLoop(model, TOKENIZER, trainer, batches().seed(6),
          new TrainingLoop.Plan(1, 0, 0, 0, Map.of()), Optional.empty(), PromptBattery.dolly(1), new TrainingListener() {});
      SavedState state = last.restore(model.weights(), trainer);
      assertThatThrownBy(() -> loop.resume(last, state))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("the examples")
          .hasMessageContaining("others than those of this run");
    }
  }

  @Test
  void skipsStepsWhoseGradientsAreNotFiniteAndEndsAfterSome() throws IOException {
    List<List<Example>> batch = batches().at(Position.START).microBatches();
    try (GptNeoX model = model(DType.F32);
        Trainer trainer = new Trainer(model, model.weights(), options(DType.F32).withMostSkipped(2))) {
      Tensor poisoned =
          model.weights().stream().filter(w -> w.name().endsWith("1.mlp.dense_4h_to_h.bias")).findFirst().orElseThrow();
      float[] before = poisoned.toFloatArray();
      poisoned.set(new float[] {Float.POSITIVE_INFINITY}, 1);
      for (int i = 1; i <= 2; i++) {
        StepReport report = trainer.step(batch);
        assertThat(report.skipped()).isPresent();
        assertThat(trainer.optimization().updates()).isZero();
        assertThat(trainer.state().skipped()).isEqualTo(i);
      }
      assertThatThrownBy(() -> trainer.step(batch))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining("step 3: the gradient of gpt_neox.")
          .hasMessageContaining("is not finite, 3 steps in a row");
      poisoned.set(before, before.length);
      assertThat(trainer.step(batch).skipped()).isEmpty();
      assertThat(trainer.state().skipped()).isZero();
    }
  }

  /** From step 4 on the weights are bad: nothing of them is saved, and the run ends by saying why. */
  @Test
  void keepsTheLastGoodCheckpointWhereARunDiverges() throws IOException {
    Path out = folder.resolve("diverged");
    try (GptNeoX model = model(DType.F32);
        Trainer trainer = new Trainer(model, model.weights(), options(DType.F32).withMostSkipped(3));
        RunFolder run = RunFolder.create(out, RunSettings.empty(), 2)) {
      Tensor bias = model.weights().getLast();
      List<Evaluation> evaluations = new ArrayList<>();
      TrainingListener listener = new TrainingListener() {
        @Override
        public void step(StepReport report) {
          if (report.step() == 3) {
            bias.set(new float[] {Float.NaN}, 1);
          }
        }

        @Override
        public void evaluated(Evaluation evaluation) {
          evaluations.add(evaluation);
        }
      };
      TrainingLoop.Plan plan = new TrainingLoop.Plan(3, STEPS, 2, 1, Map.of());
      TrainingLoop loop = new TrainingLoop(model, TOKENIZER, trainer, batches(), plan, Optional.empty(),
          new PromptBattery(List.of("the sheep"), false, 3), listener);
      assertThatThrownBy(() -> loop.run(run, ModelPart.of(ModelWriter.of(model).tokenizer(TOKENIZER))))
          .isInstanceOf(CheckpointException.class); // of step 3, which cannot be written: its weights are not finite
      assertThat(Checkpoints.list(out)).extracting(StoredCheckpoint::step).containsExactly(1L, 2L);
      assertThat(evaluations).extracting(Evaluation::step).containsExactly(0L, 2L);
    }
  }

  @Test
  void aStepInSteadyStateTakesNoStorage() {
    List<List<Example>> batch = batches().at(Position.START).microBatches();
    try (GptNeoX model = model(DType.F32);
        Trainer trainer = new Trainer(model, model.weights(), options(DType.F32))) {
      long allocations = 0;
      for (int i = 0; i < 5; i++) {
        trainer.step(batch);
        long now = Executor.current().backend().pool().allocations();
        assertThat(i < 2 ? 0 : now - allocations).as("allocations in step %d", i).isZero();
        allocations = now;
      }
    }
  }
}
