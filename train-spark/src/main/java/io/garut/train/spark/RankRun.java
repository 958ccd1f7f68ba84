package io.garut.train.spark;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.run.Checkpoints;
import io.garut.train.run.Consolidation;
import io.garut.train.run.Evaluator;
import io.garut.train.run.FollowedRun;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.RunFolder;
import io.garut.train.run.RunRecord;
import io.garut.train.run.RunSettings;
import io.garut.train.run.SavedState;
import io.garut.train.run.StoredCheckpoint;
import io.garut.train.run.TrainingLoop;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.convert.ModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One rank's part of a run, once the group has met: the same as that of every other, but that rank 0 keeps the books. */
final class RankRun {
  private static final long NOTHING_YET = -1;
  private static final long PAUSE_MILLIS = 100;
  private static final long MOST_LOCKED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Settings settings;
  private final TrainingSet set;
  private final AsyncCollective ranks;
  private final boolean again;

  /**
   * A rank of a run.
   *
   * @param again whether Spark has started the ranks before
   */
  RankRun(Settings settings, TrainingSet set, AsyncCollective ranks, boolean again) {
    this.settings = settings;
    this.set = set;
    this.ranks = ranks;
    this.again = again;
  }

  /** The steps of a run over {@code train}. */
  static Batches batches(Settings settings, TrainingSet train) {
    return Batches.of(train)
        .seed(settings.seed)
        .microBatchesPerStep(settings.accumulation * settings.ranks)
        .examplesPerMicroBatch(settings.batchSize);
  }

  /**
   * Trains, and writes the model.
   *
   * @return how many steps the run has
   * @throws ProblemException if a listener has stopped it
   */
  long train() throws IOException, ProblemException, InterruptedException {
    ModelHead head = ModelHead.of(settings.modelPath());
    TrainingSet.Split split = set.split(settings.testSize(set.size()), settings.seed);
    Batches batches = batches(settings, split.train());
    TrainingOptions training = settings.training(batches);
    GatheredWeights gathered = new GatheredWeights(ranks);
    try (GptNeoX model = GptNeoX.trainable(settings.modelPath(), settings.dtype, weight -> place(gathered, weight));
        StepGroup group = group(model, gathered);
        Trainer trainer = new Trainer(model, model.weights(), training, group);
        RunRecord record = open(training)) {
      Optional<Evaluator> evaluator = split.test().size() == 0
          ? Optional.empty()
          : Optional.of(new Evaluator(model, Examples.of(split.test().examples())));
      Map<String, Object> kept = settings.kept(training);
      TrainingLoop.Plan plan = settings.plan(kept);
      PromptBattery battery = new PromptBattery(List.of(settings.prompts), true, settings.sampleTokens);
      RankListener listener = new RankListener(settings, ranks.rank(), plan.steps(batches));
      TrainingLoop loop =
          new TrainingLoop(model, head.tokenizer(), trainer, batches, plan, evaluator, battery, listener);
      resume(loop, trainer, record);
      ModelWriter writer = ModelWriter.of(model).filesOf(settings.modelPath()).tokenizer(head.tokenizer());
      boolean finished = loop.run(record, ModelPart.of(writer));
      long step = trainer.state().step();
      if (!finished) {
        throw new ProblemException("a listener has ended the run after step " + step + "; go on with resume");
      }
      if (record instanceof RunFolder folder) {
        write(writer, step, folder.modelFolder());
        folder.writeReport();
      }
      return step;
    }
  }

  private void place(GatheredWeights gathered, Tensor weight) {
    if (settings.stage == ZeroStage.THREE) {
      gathered.take(weight);
    }
  }

  private StepGroup group(GptNeoX model, GatheredWeights gathered) {
    return settings.stage == ZeroStage.THREE
        ? new ShardedGroup(ranks, gathered, model.weights())
        : new ShardedGroup(ranks, settings.stage, model.weights());
  }

  private RunRecord open(TrainingOptions training) throws CheckpointException, InterruptedException {
    if (ranks.rank() > 0) {
      return new FollowedRun(settings.folder());
    }
    long start = System.nanoTime();
    while (true) {
      try {
        return openFirst(training);
      } catch (CheckpointException e) {
        // A rank 0 that Spark has given up, but that has not noticed it yet, holds the folder for a while.
        if (!again || System.nanoTime() - start > MOST_LOCKED_NANOS) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private RunFolder openFirst(TrainingOptions training) throws CheckpointException {
    if (isRun(settings.folder())) {
      return RunFolder.resume(settings.folder(), settings.keep);
    }
    RunSettings all = RunSettings.empty();
    for (Map.Entry<String, Object> each : settings.kept(training).entrySet()) {
      all = all.with(each.getKey(), each.getValue());
    }
    all = all.with("ranks", settings.ranks).with("zero", settings.stage.ordinal());
    return RunFolder.create(settings.folder(), all.withEnvironment(), settings.keep);
  }

  /** Whether {@code folder} holds a run. */
  static boolean isRun(Path folder) {
    return Files.exists(folder.resolve("config.json"));
  }

  /** Goes on from the last good checkpoint, if there is one. */
  private void resume(TrainingLoop loop, Trainer trainer, RunRecord record) throws CheckpointException {
    long own = record instanceof RunFolder folder
        ? folder.checkpoints().latestGood().found().map(StoredCheckpoint::step).orElse(NOTHING_YET)
        : NOTHING_YET;
    long step = trainer.group().fromFirst(own);
    if (step != NOTHING_YET) {
      StoredCheckpoint checkpoint = Checkpoints.stored(settings.folder(), step);
      SavedState state = checkpoint.restoreParts(trainer);
      loop.resume(checkpoint, state);
    }
    if (record instanceof RunFolder folder) {
      folder.rewind(trainer.state().step());
    }
  }

  private void write(ModelWriter writer, long step, Path result) throws IOException {
    if (ranks.size() == 1) {
      writer.overwrite(true).dtype(settings.dtype).write(result);
    } else { // no rank needs memory for the whole model
      Consolidation.write(Checkpoints.stored(settings.folder(), step), result, settings.dtype);
    }
  }
}
