package io.garut.train.run;

import io.garut.tensor.DType;
import io.garut.train.TrainingOptions;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.optim.Adafactor;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LossScale;
import io.garut.train.optim.Optimizer;
import io.garut.train.optim.Sgd;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the weights at the end of a run depend on, beside model and examples.
 *
 * @param epochs passes over the examples
 * @param mostSteps steps at which it ends anyway; 0 for all
 * @param batchSize examples of a micro-batch
 * @param pack tokens up to which examples are put together into one instead
 * @param batchesPerStep micro-batches of a step, those of all ranks
 * @param recompute whether blocks are computed again on the way back
 * @param rate of which the number of steps is not looked at
 * @param warmupSteps over how many steps the rate rises; those of {@code rate}, or a tenth of all if that is less, unless given
 * @param optimizer AdamW, SGD or Adafactor
 * @param maxGradientNorm to which gradients are shortened
 * @param dtype of weights: F32, BF16 or F16
 * @param seed of all that is random
 */
public record Recipe(
    int epochs,
    long mostSteps,
    int batchSize,
    OptionalInt pack,
    int batchesPerStep,
    boolean recompute,
    LearningRate rate,
    OptionalLong warmupSteps,
    Optimizer optimizer,
    double maxGradientNorm,
    DType dtype,
    long seed) {
  private static final int WARMUP_PART = 10;

  /** The steps over {@code examples}. */
  public Batches batches(Examples examples) {
    Batches batches = Batches.of(examples).seed(seed).microBatchesPerStep(batchesPerStep);
    return pack.isPresent() ? batches.tokensPerMicroBatch(pack.getAsInt()) : batches.examplesPerMicroBatch(batchSize);
  }

  /** How many of these the run has. */
  public long steps(Batches batches) {
    return batches.steps(epochs, mostSteps == 0 ? Long.MAX_VALUE : mostSteps);
  }

  /**
   * How a run of so many steps is optimized.
   *
   * @throws IllegalArgumentException if a number makes no sense
   */
  public TrainingOptions training(long steps) {
    long rise = warmupSteps.orElse(Math.min(rate.warmupSteps(), steps / WARMUP_PART));
    return TrainingOptions.adamW(rate.peak())
        .withOptimizer(optimizer)
        .withLearningRate(new LearningRate(rate.peak(), rate.warmup(), rise, rate.decay(), steps, rate.floor()))
        .withMaxGradientNorm(maxGradientNorm)
        .withRecompute(recompute)
        .withLossScale(dtype == DType.F16 ? LossScale.dynamic() : LossScale.NONE);
  }

  /** Adds all of it to {@code settings}, as it was resolved for a run of so many steps. */
  public RunSettings addTo(RunSettings settings, long steps) {
    RunSettings all = settings.with("epochs", epochs).with("max_steps", mostSteps).with("batch_size", batchSize);
    all = pack.isPresent() ? all.with("pack", pack.getAsInt()) : all;
    all = all
        .with("batches_per_step", batchesPerStep)
        .with("gradient_checkpointing", recompute)
        .with("learning_rate", rate.peak())
        .with("warmup_steps", training(steps).learningRate().warmupSteps())
        .with("schedule", rate.decay().name().toLowerCase(Locale.ROOT));
    all = switch (optimizer) {
      case AdamW adam -> all.with("optimizer", "adamw").with("beta2", adam.beta2()).with("weight_decay", adam.weightDecay());
      case Sgd sgd -> all.with("optimizer", "sgd").with("weight_decay", sgd.weightDecay());
      case Adafactor adafactor -> all.with("optimizer", "adafactor").with("weight_decay", adafactor.weightDecay());
    };
    return all
        .with("max_grad_norm", Double.isInfinite(maxGradientNorm) ? "infinity" : maxGradientNorm) // JSON has no such number
        .with("dtype", dtype.name())
        .with("seed", seed);
  }
}
