package io.garut.train.spark;

import io.garut.tensor.DType;
import io.garut.train.TrainingOptions;
import io.garut.train.data.batch.Batches;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import io.garut.train.optim.LossScale;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.TrainingLoop;
import io.garut.train.shard.ZeroStage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a run was asked to do, as it travels to the executors. Changed only while {@link SparkFinetuning} copies it. */
final class Settings implements Serializable, Cloneable {
  private static final long serialVersionUID = 1;
  private static final int DOLLY_WARMUP = 50;
  private static final int WARMUP_PART = 10;
  private static final int MOST_LENGTH = 1024;
  private static final int MOST_TEST = 200;
  private static final int TEST_PART = 10;

  String model;
  String out = "";
  boolean resume;
  int ranks = 1;
  ZeroStage stage = ZeroStage.ZERO;
  int epochs = 2;
  long maxSteps;
  int batchSize = 4;
  int accumulation = 1;
  boolean checkpointing;
  double learningRate = 5e-6;
  int warmupSteps = -1; // −1 for the usual ones
  Decay schedule = Decay.CONSTANT;
  double weightDecay;
  double maxGradientNorm = 1;
  DType dtype = DType.F32;
  long seed = 42;
  int maxLength = -1;
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

  /** The longest record, in tokens, that is left out, for a model of such a context. */
  int maxLength(int context) {
    int longest = maxLength < 0 ? Math.min(MOST_LENGTH, context) : maxLength;
    if (longest < 2 || longest > context) {
      throw new IllegalArgumentException(
          "records of " + longest + " tokens or more are to be left out: from 2 to the model's context of " + context);
    }
    return longest;
  }

  /** How many of so many records are only evaluated. */
  int testSize(int records) {
    int test = testSize < 0 ? Math.min(MOST_TEST, records / TEST_PART) : testSize;
    if (test >= records) {
      throw new IllegalArgumentException(
          records + " records are left, " + test + " to be kept for evaluation: one at least must be learnt");
    }
    return test;
  }

  TrainingLoop.Plan plan(Map<String, Object> kept) {
    return new TrainingLoop.Plan(epochs, maxSteps, evaluateEvery, saveEvery, kept);
  }

  /** How the run over {@code batches} is optimized. */
  TrainingOptions training(Batches batches) {
    long steps = plan(Map.of()).steps(batches);
    long warmup = warmupSteps < 0 ? Math.min(DOLLY_WARMUP, steps / WARMUP_PART) : warmupSteps;
    return TrainingOptions.adamW(learningRate)
        .withOptimizer(new AdamW(0.9, 0.999, 1e-8, weightDecay))
        .withLearningRate(new LearningRate(learningRate, Warmup.LOG, warmup, schedule, steps, 0))
        .withMaxGradientNorm(maxGradientNorm)
        .withRecompute(checkpointing)
        .withLossScale(dtype == DType.F16 ? LossScale.dynamic() : LossScale.NONE);
  }

  /** What two runs must have in common for one to go on from the other: not how many ranks there are, nor their stage. */
  Map<String, Object> kept(TrainingOptions training) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("epochs", epochs);
    all.put("max_steps", maxSteps);
    all.put("batch_size", batchSize);
    all.put("batches_per_step", accumulation * ranks);
    all.put("learning_rate", learningRate);
    all.put("warmup_steps", training.learningRate().warmupSteps());
    all.put("schedule", schedule.name().toLowerCase(Locale.ROOT));
    all.put("weight_decay", weightDecay);
    all.put("max_grad_norm", maxGradientNorm);
    all.put("dtype", dtype.name());
    all.put("seed", seed);
    all.put("model", model);
    return all;
  }
}
