package io.garut.train.spark;

import io.garut.tensor.DType;
import io.garut.train.finetune.Dolly;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunSettings;
import io.garut.train.shard.ZeroStage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a run was asked to do, as it travels to the executors. Changed only while {@link SparkFinetuning} copies it. */
final class Settings implements Serializable, Cloneable {
  private static final long serialVersionUID = 1;

  String model;
  String out = "";
  boolean resume;
  int ranks = 1;
  ZeroStage stage = ZeroStage.ZERO;
  int epochs = 2;
  long maxSteps;
  int batchSize = 4;
  int pack = -1; // −1 for none
  int accumulation = 1;
  boolean checkpointing;
  double learningRate = Dolly.LEARNING_RATE.peak();
  int warmupSteps = -1; // −1 for the usual ones
  Decay schedule = Dolly.LEARNING_RATE.decay();
  double weightDecay;
  double maxGradientNorm = 1;
  DType dtype = DType.F32;
  long seed = 42;
  int maxLength = -1; // so are these
  int testSize = -1;
  int evaluateEvery = 50;
  int saveEvery = 200;
  int keep = 20;
  String[] prompts = PromptBattery.dolly(1).prompts().toArray(String[]::new);
  int sampleTokens = 128;
  long deadlineMillis = 300_000;
  long slotsMillis = 30_000;
  RankListeners listeners = (rank, ranks) -> Optional.empty();
  TlsFiles tls; // null for none
  boolean plainBetweenMachines;

  Settings(Path model) {
    this.model = model.toAbsolutePath().normalize().toString();
  }

  Settings copy() {
    try {
      return (Settings) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("settings can be cloned", e);
    }
  }

  Path modelPath() {
    return Path.of(model);
  }

  Path folder() {
    return Path.of(out);
  }

  /** How many of so many records are only evaluated. */
  int testSize(int records) {
    return Dolly.testSize(optional(testSize), records);
  }

  /** From which length on, in tokens, records are left out, for a model of such a context. */
  int maxLength(int context) {
    return Dolly.maxLength(optional(maxLength), context);
  }

  private static OptionalInt optional(int value) {
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  /** What the run's weights depend on. */
  Recipe recipe() {
    LearningRate usual = Dolly.LEARNING_RATE;
    return new Recipe(
        epochs, maxSteps, batchSize, optional(pack), accumulation * ranks, checkpointing,
        new LearningRate(learningRate, usual.warmup(), usual.warmupSteps(), schedule, 1, usual.floor()),
        warmupSteps < 0 ? OptionalLong.empty() : OptionalLong.of(warmupSteps), new AdamW(0.9, 0.999, 1e-8, weightDecay),
        maxGradientNorm, dtype, seed);
  }

  /**
   * All of it, as it was resolved, for a run to be compared with that goes on from another.
   *
   * @param steps of the run
   * @param longest from which on records are left out
   * @param test records that are only evaluated
   */
  RunSettings resolved(long steps, int longest, int test) {
    RunSettings own = RunSettings.empty().with("model", model).with("max_length", longest).with("test_size", test);
    return recipe().addTo(own, steps)
        .with("ranks", ranks)
        .with("zero", stage.ordinal())
        .with("eval_every", evaluateEvery)
        .with("save_every", saveEvery)
        .with("keep", keep)
        .with("sample_tokens", sampleTokens)
        .with("prompts", List.of(prompts));
  }
}
