package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.tensor.DType;
import io.garut.train.optim.Adafactor;
import io.garut.train.optim.AdamW;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Optimizer;
import io.garut.train.optim.Sgd;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunSettings;
import io.garut.train.run.TrainingLoop;
import io.garut.train.shard.DiskOffload;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of a run, whatever it learns. */
final class RunOptions {
  /** Which optimizer. */
  enum Algorithm {
    /** Loshchilov and Hutter's. */
    ADAMW,
    /** With momentum. */
    SGD,
    /** Shazeer and Stern's, which takes next to no memory. */
    ADAFACTOR
  }

  @Option(names = {"-o", "--out"}, paramLabel = "FOLDER", description = "The run's folder; it is made.")
  Path out;

  @Option(
      names = "--resume",
      description = "Go on from the last good checkpoint in --out, with the same data and options. What no weight"
          + " depends on may differ: --offload, --keep, --save-every, --eval-every, --log-every, --prompts, --sample-tokens;"
          + " and of finetune --ranks and --zero, as long as a step keeps its batches.")
  boolean resume;

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the examples; Dolly's 2 unless given.")
  int epochs = 2;

  @Option(names = "--max-steps", paramLabel = "N", description = "End after so many steps at most.")
  long maxSteps;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      description = "Examples that go through the model together; ${DEFAULT-VALUE} unless given.")
  int batchSize = 4;

  @Option(
      names = "--gradient-accumulation",
      paramLabel = "N",
      description = "Such batches of each rank that make one step; 1 unless given.")
  int accumulation = 1;

  @Option(
      names = "--gradient-checkpointing",
      description = "Keep only the input of each block, and compute it again on the way back: less memory, more time.")
  boolean checkpointing;

  /** Where an optimizer's memory lies. */
  enum Place {
    /** In memory. */
    NONE,
    /** In a file, which the system brings into memory as it is needed. */
    DISK
  }

  @Option(
      names = "--offload",
      paramLabel = "WHERE",
      description = "none, or disk: what --zero shares out, and the optimizer's memory in any case, lies in a file in --out,"
          + " which is gone with the process.")
  Place offload = Place.NONE;

  @Option(names = {"--learning-rate", "--lr"}, paramLabel = "RATE", description = "The highest learning rate.")
  Double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "COURSE",
      description = "What the rate does after it has risen: constant, linear or cosine.")
  LearningRate.Decay schedule;

  @Option(names = "--warmup-steps", paramLabel = "N", description = "Steps over which the rate rises.")
  Integer warmupSteps;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "adamw, sgd or adafactor; adamw unless given.")
  Algorithm optimizer = Algorithm.ADAMW;

  @Option(names = "--beta2", paramLabel = "B", description = "AdamW's second one; ${DEFAULT-VALUE} unless given.")
  double beta2 = 0.999;

  @Option(names = "--weight-decay", paramLabel = "D", description = "Of matrices; 0 unless given.")
  double weightDecay;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "NORM",
      description = "Gradients longer than this are shortened; ${DEFAULT-VALUE} unless given.")
  double maxGradNorm = 1;

  @Option(names = "--dtype", paramLabel = "TYPE", description = "What weights are kept in: F32, BF16 or F16; F32 unless given.")
  DType dtype = DType.F32;

  @Option(names = "--seed", paramLabel = "N", description = "Of shuffling and fresh weights; 42 unless given.")
  long seed = 42;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps between evaluations; ${DEFAULT-VALUE} unless given.")
  int evalEvery = 50;

  @Option(
      names = "--save-every",
      paramLabel = "N",
      description = "Steps between checkpoints; ${DEFAULT-VALUE} unless given.")
  int saveEvery = 200;

  @Option(
      names = "--log-every",
      paramLabel = "N",
      description = "Steps between lines about the loss; ${DEFAULT-VALUE} unless given.")
  int logEvery = 10;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Checkpoints that stay; ${DEFAULT-VALUE} unless given.")
  int keep = 20;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "Prompts that are answered at every evaluation, one a line.")
  Path prompts;

  @Option(
      names = "--sample-tokens",
      paramLabel = "N",
      description = "Tokens of such an answer at most; ${DEFAULT-VALUE} unless given.")
  int sampleTokens = 128;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Where picocli fills it in. */
  RunOptions() {}

  /** Refuses what makes no sense, before anything is done. */
  void check() {
    if (out == null) {
      throw Failure.usage("no folder for the run is named; say --out FOLDER");
    }
    if (epochs < 1 || maxSteps < 0 || batchSize < 1 || accumulation < 1 || keep < 1 || logEvery < 1 || sampleTokens < 1) {
      throw Failure.usage(
          "--epochs, --batch-size, --gradient-accumulation, --keep, --log-every and --sample-tokens are 1 at least");
    }
    if (evalEvery < 0 || saveEvery < 0) {
      throw Failure.usage("--eval-every and --save-every are steps, or 0 for the end only");
    }
    if (dtype != DType.F32 && dtype != DType.BF16 && dtype != DType.F16) {
      throw Failure.usage("--dtype " + dtype + ": a model is trained in F32, BF16 or F16");
    }
    if (isGiven("--beta2") && optimizer != Algorithm.ADAMW) {
      throw Failure.usage("--beta2: only adamw has one; leave it out with --optimizer " + name(optimizer));
    }
  }

  /** Whether the user has said {@code option}. */
  boolean isGiven(String option) {
    return command.commandLine().getParseResult().hasMatchedOption(option);
  }

  private static String name(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  /**
   * What the run's weights depend on; a number that makes no sense is a failure.
   *
   * @param usual the learning rate where nothing else was given
   */
  Recipe recipe(LearningRate usual, OptionalInt pack, int ranks) {
    try {
      Optimizer chosen =
          switch (optimizer) {
            case ADAMW -> new AdamW(0.9, beta2, 1e-8, weightDecay);
            case SGD -> new Sgd(0.9, false, weightDecay);
            case ADAFACTOR -> new Adafactor(-0.8, 1e-3, 1, weightDecay);
          };
      LearningRate rate = new LearningRate(
          learningRate == null ? usual.peak() : learningRate, usual.warmup(), usual.warmupSteps(),
          schedule == null ? usual.decay() : schedule, 1, usual.floor());
      Recipe recipe = new Recipe(
          epochs, maxSteps, batchSize, pack, accumulation * ranks, checkpointing, rate,
          warmupSteps == null ? OptionalLong.empty() : OptionalLong.of(warmupSteps), chosen, maxGradNorm, dtype, seed);
      recipe.training(Math.max(1, maxSteps));
      return recipe;
    } catch (IllegalArgumentException e) {
      throw Failure.usage(e.getMessage());
    }
  }

  /** When the run evaluates and saves. */
  TrainingLoop.Plan plan(RunSettings settings) {
    return new TrainingLoop.Plan(epochs, maxSteps, evalEvery, saveEvery, settings.values());
  }

  /** Adds what no weight depends on to {@code settings}. */
  RunSettings addTo(RunSettings settings, int ranks) {
    RunSettings all = settings
        .with("ranks", ranks)
        .with("offload", name(offload))
        .with("eval_every", evalEvery)
        .with("save_every", saveEvery)
        .with("log_every", logEvery)
        .with("keep", keep)
        .with("sample_tokens", sampleTokens);
    return prompts == null ? all : all.with("prompts", absolute(prompts));
  }

  /** A path that is the same wherever the command is used from. */
  static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  /** Where what is off-loaded lies, {@code bytes} of it, to be closed by the caller. */
  Offload openOffload(long bytes) throws IOException {
    return switch (offload) {
      case NONE -> Offload.NONE;
      case DISK -> new DiskOffload(Files.createDirectories(out), bytes);
    };
  }

  /** The prompts of a file, or {@code usual}. */
  PromptBattery battery(List<String> usual, boolean instructions) throws IOException {
    if (prompts == null) {
      return new PromptBattery(usual, instructions, sampleTokens);
    }
    if (Files.isDirectory(prompts)) {
      throw new Failure(ExitCode.NO_INPUT, prompts + ": is a folder; name a file with --prompts");
    }
    try {
      List<String> lines = Files.readAllLines(prompts).stream().filter(line -> !line.isBlank()).toList();
      return new PromptBattery(lines, instructions, sampleTokens);
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.DATA, prompts + ": is not UTF-8; convert it, for example with iconv", e);
    }
  }
}
