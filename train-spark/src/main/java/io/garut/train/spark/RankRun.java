package io.garut.train.spark;

import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.finetune.ModelHead;
import io.garut.train.run.Consolidation;
import io.garut.train.run.Evaluator;
import io.garut.train.run.FollowedRun;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunFolder;
import io.garut.train.run.RunRecord;
import io.garut.train.run.RunSettings;
import io.garut.train.run.TrainingLoop;
import io.garut.train.shard.RankGroup;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.convert.ModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rank's part of a run, once the group has met: the same as that of every other, but that rank 0 keeps the books. */
final class RankRun {
  private static final Logger LOG = LoggerFactory.getLogger(RankRun.class);
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

  /**
   * Trains, and writes the model.
   *
   * @return how many steps the run has
   * @throws ProblemException if a listener has stopped it
   */
  long train() throws IOException, ProblemException, InterruptedException {
    ModelHead head = ModelHead.open(settings.modelPath());
    TrainingSet.Split split = set.split(settings.testSize(set.size()), settings.seed);
    Recipe recipe = settings.recipe();
    Batches batches = recipe.batches(Examples.of(split.train().examples()));
    long steps = recipe.steps(batches);
    RunSettings kept =
        settings.resolved(steps, settings.maxLength(head.config().contextLength()), split.test().size());
    RankGroup sharing = RankGroup.of(ranks, settings.stage);
    try (GptNeoX model = GptNeoX.trainable(settings.modelPath(), settings.dtype, sharing::take);
        StepGroup group = sharing.group(model.weights());
        Trainer trainer = new Trainer(model, model.weights(), recipe.training(steps), group);
        RunRecord record = open(kept)) {
      Optional<Evaluator> evaluator = split.test().size() == 0
          ? Optional.empty()
          : Optional.of(new Evaluator(model, Examples.of(split.test().examples())));
      TrainingLoop.Plan plan = new TrainingLoop.Plan(
          settings.epochs, settings.maxSteps, settings.evaluateEvery, settings.saveEvery, kept.values());
      PromptBattery battery = new PromptBattery(List.of(settings.prompts), true, settings.sampleTokens);
      RankListener listener = new RankListener(settings, ranks.rank(), steps);
      TrainingLoop loop =
          new TrainingLoop(model, head.tokenizer(), trainer, batches, plan, evaluator, battery, listener);
      loop.resumeLast(record, LOG::info);
      ModelWriter writer = ModelWriter.of(model).filesOf(settings.modelPath()).tokenizer(head.tokenizer());
      boolean finished = loop.run(record, ModelPart.of(writer));
      long step = trainer.state().step();
      if (!finished) {
        throw new ProblemException("a listener has ended the run after step " + step + "; go on with resume");
      }
      if (record instanceof RunFolder folder) {
        Consolidation.write(settings.folder(), writer, folder.modelFolder(), settings.dtype);
        folder.writeReport();
      }
      return step;
    }
  }

  private RunRecord open(RunSettings kept) throws CheckpointException, InterruptedException {
    if (ranks.rank() > 0) {
      return new FollowedRun(settings.folder());
    }
    long start = System.nanoTime();
    while (true) {
      try {
        return openFirst(kept);
      } catch (CheckpointException e) {
        // A rank 0 that Spark has given up, but that has not noticed it yet, holds the folder for a while.
        if (!again || System.nanoTime() - start > MOST_LOCKED_NANOS) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private RunFolder openFirst(RunSettings kept) throws CheckpointException {
    return isRun(settings.folder())
        ? RunFolder.resume(settings.folder(), settings.keep)
        : RunFolder.create(settings.folder(), kept.withEnvironment(), settings.keep);
  }

  /** Whether {@code folder} holds a run. */
  static boolean isRun(Path folder) {
    return Files.exists(folder.resolve("config.json"));
  }
}
