package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Memory;
import io.garut.cli.terminal.Numbers;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.train.DivergenceException;
import io.garut.train.MemoryNeed;
import io.garut.train.ModelFlops;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.run.Checkpoints;
import io.garut.train.run.Evaluator;
import io.garut.train.run.FollowedRun;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.RunFolder;
import io.garut.train.run.RunRecord;
import io.garut.train.run.RunSettings;
import io.garut.train.run.StoredCheckpoint;
import io.garut.train.run.TrainingLoop;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What the commands that train do alike, once model and examples are there. */
final class Run {
  private static final int SIDE = 1024; // of the product that tells what the machine can do
  private static final long ENOUGH_NANOS = 1_000_000_000; // for C2 to compile it

  private final Console console;
  private final Interruption interruption;
  private final RunOptions options;
  private final int besides;

  /**
   * A run.
   *
   * @param besides how many processes of it are on this machine
   */
  Run(Console console, Interruption interruption, RunOptions options, int besides) {
    this.besides = besides;
    this.console = console;
    this.interruption = interruption;
    this.options = options;
  }

  /** The run's folder: free for a new run, with one to resume. */
  void checkFolder() throws IOException {
    boolean there = Files.exists(options.out.resolve("config.json"));
    if (there && !options.resume) {
      throw new Failure(
          ExitCode.CANNOT_CREATE, options.out + ": holds a run already; go on with --resume, or choose another --out");
    }
    if (options.resume && !there) {
      throw new Failure(ExitCode.NO_INPUT, options.out + ": holds no run to resume; check --out");
    }
    if (!options.resume) {
      RunFolder.requireFree(options.out);
      checkPlace(options.out.toAbsolutePath());
    }
  }

  private static void checkPlace(Path out) {
    Path there = out;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      String what = Files.isDirectory(there) ? "may not be written to" : "is a file";
      throw new Failure(ExitCode.CANNOT_CREATE, there + ": " + what + "; choose another --out");
    }
  }

  /** Where a run is resumed, checks that {@code files} are those that it began with, before they are read. */
  void checkFiles(RunSettings files) throws IOException {
    check(files, RunFolder::requireSameFiles);
  }

  /** Where a run is resumed, checks that all of its settings are those that it began with. */
  void checkSettings(RunSettings settings) throws IOException {
    check(settings, RunFolder::requireSame);
  }

  private interface Check {
    void run(Path folder, RunSettings settings) throws IOException;
  }

  private void check(RunSettings settings, Check check) throws IOException {
    if (options.resume) {
      try {
        check.run(options.out, settings);
      } catch (IllegalArgumentException e) {
        throw Failure.usage(e.getMessage());
      }
    }
  }

  /**
   * Trains {@code trained} of {@code model}.
   *
   * @param part what checkpoints hold of the model
   * @return whether it came to its end
   */
  boolean train(
      RankGroup ranks,
      GptNeoX model,
      Tokenizer tokenizer,
      List<Tensor> trained,
      ModelPart part,
      Batches batches,
      Optional<Examples> test,
      TrainingOptions training,
      RunSettings settings,
      PromptBattery battery)
      throws IOException {
    long parameters = trained.stream().mapToLong(Tensor::elements).sum();
    memory(ranks, model, trained, batches, training);
    try (StepGroup group = ranks.group(trained);
        RunRecord record = ranks.isFirst() ? open(settings) : new FollowedRun(options.out);
        Trainer trainer = new Trainer(model, trained, training, group, ranks.offload())) {
      TrainingLoop.Plan plan = options.plan(settings);
      long steps = plan.steps(batches);
      RunDisplay display =
          new RunDisplay(console, interruption, steps, options.logEvery, ModelFlops.of(model, parameters), productRate());
      Optional<Evaluator> evaluator = test.map(examples -> new Evaluator(model, examples));
      TrainingLoop loop = new TrainingLoop(model, tokenizer, trainer, batches, plan, evaluator, battery, display);
      if (options.resume) {
        loop.resumeLast(record, console::note);
      }
      console.note(Numbers.whole(parameters) + " parameters, " + Numbers.count(steps, "step"));
      interruption.holdEnd(display::interrupted);
      boolean finished = loop.run(record, part);
      if (record instanceof RunFolder folder) {
        folder.writeReport();
      }
      if (!finished) {
        console.note("interrupted; go on with --resume");
      }
      return finished;
    } catch (DivergenceException e) {
      List<StoredCheckpoint> saved = Checkpoints.list(options.out);
      String last = saved.isEmpty() ? "there is no checkpoint yet" : "the last checkpoint is " + saved.getLast().folder();
      throw new Failure(ExitCode.DATA, e.getMessage() + "; " + last, e);
    }
  }

  private RunFolder open(RunSettings settings) throws IOException {
    if (options.resume) {
      return RunFolder.resume(options.out, options.keep);
    }
    return RunFolder.create(options.out, settings.withEnvironment(), options.keep);
  }

  /** Says where what was made is. */
  int done(Path result, String hint) {
    console.note("the result is in " + result + ", a report in " + options.out.resolve("report.html") + "; try: " + hint);
    return ExitCode.OK.code();
  }

  /** Says what memory the run takes, and refuses one that cannot fit. */
  private void memory(RankGroup ranks, GptNeoX model, List<Tensor> trained, Batches batches, TrainingOptions training) {
    MemoryNeed whole = MemoryNeed.of(
        model.config(), model.weights(), trained, training.optimizer(), options.accumulation, batches.mostTokens(),
        training.recompute());
    boolean onDisk = options.offload == RunOptions.Place.DISK;
    MemoryNeed need = whole.sharedOut(ranks.stage(), ranks.size(), model.config(), onDisk);
    OptionalLong available = Memory.available();
    console.note(
        "memory: " + Numbers.bytes(need.total()) + " (weights " + Numbers.bytes(need.weights()) + ", gradients "
            + Numbers.bytes(need.gradients()) + ", optimizer " + Numbers.bytes(need.optimizer()) + ", activations "
            + Numbers.bytes(need.activations()) + ")"
            + (onDisk ? ", on the disk " + Numbers.bytes(whole.onDisk(ranks.stage(), ranks.size())) : ""));
    boolean cut = ranks.stage() == ZeroStage.THREE;
    long there = !cut ? need.weights() : onDisk ? 0 : whole.weights() / ranks.size(); // of the weights, already
    long further = besides * (need.total() - there);
    if (available.isPresent() && further > available.getAsLong()) {
      String advice =
          need.activations() > further / 2
              ? "a smaller --batch-size or --pack with --gradient-accumulation, or --gradient-checkpointing"
              : (!onDisk ? "--offload disk, " : cut ? "" : "--offload disk --zero 3, ")
                  + "--optimizer adafactor, --dtype BF16, or a smaller model";
      throw new Failure(
          ExitCode.UNAVAILABLE,
          "the run takes " + Numbers.bytes(further) + " more memory, " + Numbers.bytes(available.getAsLong())
              + " are free; try " + advice);
    }
  }

  /** Floating-point operations a second of an F32 product, at best. */
  private static double productRate() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.rand(Shape.of(SIDE, SIDE), 1);
      Tensor b = Tensor.rand(Shape.of(SIDE, SIDE), 2);
      double best = Double.POSITIVE_INFINITY;
      for (long start = System.nanoTime(); System.nanoTime() - start < ENOUGH_NANOS; ) {
        long began = System.nanoTime();
        a.matmul(b).close();
        best = Math.min(best, (System.nanoTime() - began) * 1e-9);
      }
      return 2.0 * SIDE * SIDE * SIDE / best;
    }
  }
}
