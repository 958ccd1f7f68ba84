package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.command.ComputeOptions;
import io.garut.cli.command.ModelOption;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.tensor.Tensor;
import io.garut.train.MemoryNeed;
import io.garut.train.TrainingOptions;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.finetune.Dolly;
import io.garut.train.finetune.ModelHead;
import io.garut.train.optim.Offload;
import io.garut.train.run.Consolidation;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunSettings;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.lora.LoraAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code garut finetune}. */
@Command(
    name = "finetune",
    header = "Tunes a model on records of your own, as Dolly 2.0 was made.",
    description = {
      "",
      "Records are instructions and responses (Dolly's or Alpaca's keys), conversations (messages), prompts and completions, or"
          + " plain texts, as JSON lines, JSON, CSV or text. What is asked is read, what is answered is learnt. The"
          + " defaults are Dolly's: two epochs, AdamW at 5e-6, records that are too long left out.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut finetune --model pythia-70m --data records.jsonl --out runs/mine",
      "  garut finetune --model pythia-70m --data records.jsonl --out runs/mine --resume",
      "  garut generate --model runs/mine/model \"Why do sheep flock together?\""
    })
public final class FinetuneCommand implements Callable<Integer> {
  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private ComputeOptions compute;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final RunOptions options = new RunOptions();
  @Mixin private final LoraOptions lora = new LoraOptions();
  @Mixin private final RankOptions rankOptions = new RankOptions();

  @Spec private CommandSpec spec;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Records of so many tokens or more are left out; the model's context, or 1024 if that is less.")
  private Integer maxLength;

  @Option(
      names = "--test-size",
      paramLabel = "N",
      description = "Records that are kept for evaluation; 200, or a tenth if that is less, unless given.")
  private Integer testSize;

  @Option(
      names = "--pack",
      paramLabel = "TOKENS",
      description = "Put short records together up to so many tokens, instead of --batch-size of them.")
  private Integer pack;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public FinetuneCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    options.check();
    rankOptions.check(options.offload == RunOptions.Place.DISK);
    data.check();
    lora.check(options.dtype);
    if (pack != null && pack < 2) {
      throw Failure.usage("--pack " + pack + ": 2 tokens at least");
    }
    if (pack != null && options.isGiven("--batch-size")) {
      throw Failure.usage("--batch-size: --pack puts as many records together as have room; leave one of the two out");
    }
    Recipe recipe = options.recipe(Dolly.LEARNING_RATE, optional(pack), rankOptions.size());
    PromptBattery battery = options.battery(PromptBattery.dolly(1).prompts(), true);
    compute.apply(rankOptions.besides());
    RunSettings settings = RunSettings.empty().with("model", RunOptions.absolute(model.path()));
    Run run = new Run(console, interruption, options, rankOptions.besides());
    if (!rankOptions.isFollower()) {
      run.checkFolder();
      settings = data.addTo(settings);
      run.checkFiles(settings);
      model.tell(console);
    }
    ModelHead head = ModelHead.open(model.path());
    if (!head.encoder().isDolly()) {
      console.note("the model's vocabulary has no room for Dolly's tokens; their text is used");
    }
    int longest = longest(head.config());
    TrainingSet.Split split = split(head.encoder(), longest);
    Batches batches = recipe.batches(Examples.of(split.train().examples()));
    TrainingOptions training = recipe.training(recipe.steps(batches));
    settings = settings.with("max_length", longest).with("test_size", split.test().size());
    settings = options.addTo(recipe.addTo(lora.addTo(settings), recipe.steps(batches)), rankOptions.size());
    if (!rankOptions.isFollower()) {
      run.checkSettings(settings);
    }
    Optional<Examples> test =
        split.test().size() == 0 ? Optional.empty() : Optional.of(Examples.of(split.test().examples()));
    MemoryNeed need = MemoryNeed.of(head.config(), options.dtype, training.optimizer(), options.accumulation,
        batches.mostTokens(), training.recompute());
    ZeroStage stage =
        new StageChoice(console, options, rankOptions, lora.wanted()).stage(head.config(), need, training.optimizer());
    try (Offload offload = options.openOffload(lora.wanted() ? 0 : need.onDisk(stage, rankOptions.size()));
        RankProcesses processes =
            new RankProcesses(console, rankOptions, arguments(stage), batches.fingerprint(), options.out)) {
      RankGroup ranks = processes.group(stage, offload);
      try (GptNeoX opened = open(ranks)) {
        Trained trained = lora.wanted() ? adapter(opened) : whole(opened, head);
        boolean finished = run.train(
            ranks, opened, head.tokenizer(), trained.parameters, trained.part, batches, test, training,
            settings.with("zero", stage.ordinal()), battery);
        if (!finished) {
          return ExitCode.INTERRUPTED.code();
        }
        if (ranks.isFirst()) {
          trained.writer.write(trained.result);
        }
        return run.done(trained.result, trained.hint);
      }
    }
  }

  /** This command's, for the ranks that it starts: with the stage, which only the first chooses. */
  private List<String> arguments(ZeroStage stage) {
    List<String> arguments = new ArrayList<>(spec.commandLine().getParent().getParseResult().originalArgs());
    if (rankOptions.stage().isEmpty()) {
      arguments.addAll(List.of("--zero", Integer.toString(stage.ordinal())));
    }
    return arguments;
  }

  /**
   * What learns, and what becomes of it.
   *
   * @param part what checkpoints hold of the model
   * @param result where it goes in the end
   * @param hint how to use that
   */
  private record Trained(List<Tensor> parameters, ModelPart part, Writer writer, Path result, String hint) {
    private interface Writer {
      void write(Path result) throws IOException;
    }
  }

  private Trained whole(GptNeoX opened, ModelHead head) throws IOException {
    ModelWriter writer = ModelWriter.of(opened).filesOf(model.path()).tokenizer(head.tokenizer());
    Path result = options.out.resolve("model");
    return new Trained(
        opened.weights(), ModelPart.of(writer), folder -> Consolidation.write(options.out, writer, folder, options.dtype),
        result, "garut generate --model " + result + " \"…\"");
  }

  /** Only the adapter learns; the base may be quantised. */
  private Trained adapter(GptNeoX opened) {
    LoraAdapter adapter = LoraAdapter.fresh(opened, lora.config(), options.seed);
    String base = model.path().toString();
    Path result = options.out.resolve("adapter");
    return new Trained(
        adapter.parameters(), ModelPart.of(adapter, base), folder -> adapter.save(folder, base), result,
        "garut generate --model " + base + " --adapter " + result + " \"…\"");
  }

  private GptNeoX open(RankGroup ranks) throws IOException {
    try (ProgressBar _ = ProgressBar.unknown(console, "Loading " + model.name())) {
      if (lora.wanted()) {
        GptNeoX base = GptNeoX.load(model.path());
        base.weights().forEach(ranks::take);
        return base;
      }
      return GptNeoX.trainable(model.path(), options.dtype, ranks::take);
    }
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private int longest(NeoXConfig config) {
    try {
      return Dolly.maxLength(optional(maxLength), config.contextLength());
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--max-length: " + e.getMessage());
    }
  }

  private TrainingSet.Split split(RecordEncoder encoder, int longest) throws IOException {
    List<LocatedRecord> records = data.read(console);
    TrainingSet set = TrainingSet.of(records, encoder, longest);
    if (set.tooLong() > 0) {
      console.note(Numbers.count(set.tooLong(), "record") + " of " + longest + " tokens or more left out");
    }
    int test;
    try {
      test = Dolly.testSize(optional(testSize), set.size());
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.DATA, e.getMessage());
    }
    console.note(
        Numbers.count(set.size() - test, "record") + " to learn, " + test + " for evaluation, "
            + Numbers.whole(set.tokens()) + " tokens");
    TrainingSet.Split split = set.split(test, options.seed);
    checkPack(split.train());
    return split;
  }

  private void checkPack(TrainingSet set) {
    for (int i = 0; pack != null && i < set.size(); i++) {
      int length = set.examples().get(i).length();
      if (length > pack) {
        throw Failure.usage(
            "--pack " + pack + ": " + set.sources().get(i) + " has " + length
                + " tokens; say a larger number, or leave longer records out with --max-length " + (pack + 1));
      }
    }
  }
}
