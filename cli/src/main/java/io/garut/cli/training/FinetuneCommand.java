package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.command.ModelOption;
import io.garut.cli.command.ThreadsOption;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.train.TrainingOptions;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.RunSettings;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.lora.LoraAdapter;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  /** Dolly's: DeepSpeed's WarmupLR over 50 steps, then constant. */
  private static final LearningRate USUAL = new LearningRate(5e-6, Warmup.LOG, 50, Decay.CONSTANT, 0, 0);

  private static final int MOST_TEST = 200;
  private static final int TEST_PART = 10;

  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private ThreadsOption threads;
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
    options.check(USUAL);
    rankOptions.check();
    data.check();
    lora.check(options.dtype);
    if (pack != null && pack < 2) {
      throw Failure.usage("--pack " + pack + ": 2 tokens at least");
    }
    if (pack != null && options.isGiven("--batch-size")) {
      throw Failure.usage("--batch-size: --pack puts as many records together as have room; leave one of the two out");
    }
    PromptBattery battery = options.battery(PromptBattery.dolly(1).prompts(), true);
    threads.apply(rankOptions.ranks);
    RunSettings settings = RunSettings.empty().with("model", RunOptions.absolute(model.path()));
    Run run = new Run(console, interruption, options);
    if (!rankOptions.isFollower()) {
      run.checkFolder();
      settings = data.addTo(settings);
      run.checkFiles(settings);
      model.tell(console);
    }
    NeoXConfig config;
    ByteLevelBpe tokenizer;
    try (ModelFiles files = model.files()) {
      config = files.config();
      tokenizer = withDollyTokens(files.tokenizer().orElseThrow(ModelOption::withoutTokenizer), config);
    }
    RecordEncoder encoder = RecordEncoder.of(tokenizer);
    int longest = longest(config);
    TrainingSet.Split split = split(encoder, longest);
    Batches batches = batches(split.train());
    TrainingOptions training = options.training(USUAL, options.plan(settings).steps(batches));
    settings = settings.with("max_length", longest).with("test_size", split.test().size());
    settings = lora.addTo(pack == null ? settings : settings.with("pack", pack));
    settings = options.addTo(settings, training, rankOptions.ranks); // last, for some follow from those before
    if (!rankOptions.isFollower()) {
      run.checkSettings(settings);
    }
    Optional<Examples> test =
        split.test().size() == 0 ? Optional.empty() : Optional.of(Examples.of(split.test().examples()));
    try (RankGroup ranks = ranks(config, batches, training);
        GptNeoX opened = open(ranks)) {
      return lora.wanted()
          ? adapter(run, ranks, opened, tokenizer, batches, test, training, settings, battery)
          : whole(run, ranks, opened, tokenizer, batches, test, training, settings, battery);
    }
  }

  /** The processes of the run; the stage is the lowest that fits unless one was asked for. */
  private RankGroup ranks(NeoXConfig config, Batches batches, TrainingOptions training) throws IOException {
    if (rankOptions.ranks == 1) {
      return new RankGroup();
    }
    Files.createDirectories(options.out);
    StageChoice choice = new StageChoice(console, options, rankOptions, lora.wanted());
    ZeroStage stage = choice.stage(config, batches, training);
    List<String> arguments = new ArrayList<>(spec.commandLine().getParent().getParseResult().originalArgs());
    if (rankOptions.stage().isEmpty()) {
      arguments.addAll(List.of("--zero", Integer.toString(stage.ordinal())));
    }
    return new RankGroup(new RankProcesses(rankOptions, arguments, options.out), stage);
  }

  private int whole(
      Run run, RankGroup ranks, GptNeoX opened, ByteLevelBpe tokenizer, Batches batches, Optional<Examples> test,
      TrainingOptions training, RunSettings settings, PromptBattery battery)
      throws IOException {
    ModelWriter writer = ModelWriter.of(opened).filesOf(model.path()).tokenizer(tokenizer);
    boolean finished =
        run.train(
            ranks, opened, tokenizer, opened.weights(), ModelPart.of(writer),
            (checkpoint, trainer) -> checkpoint.restore(opened.weights(), trainer),
            batches, test, training, settings, battery);
    if (!finished) {
      return ExitCode.INTERRUPTED.code();
    }
    Path result = options.out.resolve("model");
    run.write(ranks, writer, result);
    return run.done(result, "garut generate --model " + result + " \"…\"");
  }

  /** Only the adapter learns; the base may be quantised. */
  private int adapter(
      Run run, RankGroup ranks, GptNeoX opened, ByteLevelBpe tokenizer, Batches batches, Optional<Examples> test,
      TrainingOptions training, RunSettings settings, PromptBattery battery)
      throws IOException {
    LoraAdapter adapter = LoraAdapter.fresh(opened, lora.config(), options.seed);
    String base = model.path().toString();
    boolean finished =
        run.train(
            ranks, opened, tokenizer, adapter.parameters(), ModelPart.of(adapter, base),
            (checkpoint, trainer) -> checkpoint.restoreAdapter(trainer), batches, test, training, settings, battery);
    if (!finished) {
      return ExitCode.INTERRUPTED.code();
    }
    Path result = options.out.resolve("adapter");
    if (ranks.isFirst()) {
      adapter.save(result, base);
    }
    return run.done(result, "garut generate --model " + base + " --adapter " + result + " \"…\"");
  }

  private GptNeoX open(RankGroup ranks) throws IOException {
    try (ProgressBar _ = ProgressBar.unknown(console, "Loading " + model.name())) {
      if (lora.wanted()) {
        GptNeoX base = GptNeoX.load(model.path());
        base.weights().forEach(ranks::place);
        return base;
      }
      return GptNeoX.trainable(model.path(), options.dtype, ranks::place);
    }
  }

  /** As Dolly was made: its keys become tokens, where the model's vocabulary has room for them. */
  private ByteLevelBpe withDollyTokens(Tokenizer tokenizer, NeoXConfig config) {
    if (!(tokenizer instanceof ByteLevelBpe bpe)) {
      throw new Failure(ExitCode.DATA, "the model's tokenizer is no byte-level BPE, which training needs");
    }
    if (RecordEncoder.of(bpe).isDolly()) {
      return bpe;
    }
    ByteLevelBpe extended = bpe.withAddedTokens(RecordEncoder.dollyTokens());
    if (extended.vocabularySize() > config.vocabularySize()) {
      console.note("the model's vocabulary has no room for Dolly's tokens; their text is used");
      return bpe;
    }
    return extended;
  }

  private int longest(NeoXConfig config) {
    int longest = maxLength == null ? Math.min(1024, config.contextLength()) : maxLength;
    if (longest < 2 || longest > config.contextLength()) {
      throw Failure.usage(
          "--max-length " + longest + ": from 2 to the model's context of " + config.contextLength() + " tokens");
    }
    return longest;
  }

  private TrainingSet.Split split(RecordEncoder encoder, int longest) throws IOException {
    List<LocatedRecord> records = data.read(console);
    TrainingSet set = TrainingSet.of(records, encoder, longest);
    if (set.tooLong() > 0) {
      console.note(Numbers.count(set.tooLong(), "record") + " of " + longest + " tokens or more left out");
    }
    int test = testSize == null ? Math.min(MOST_TEST, set.size() / TEST_PART) : testSize;
    if (test < 0 || test >= set.size()) {
      throw new Failure(
          ExitCode.DATA,
          Numbers.count(set.size(), "record") + " left, " + test + " to be kept for evaluation: one at least must be learnt");
    }
    console.note(
        Numbers.count(set.size() - test, "record") + " to learn, " + test + " for evaluation, "
            + Numbers.whole(set.tokens()) + " tokens");
    return set.split(test, options.seed);
  }

  private Batches batches(TrainingSet set) {
    Batches batches = Batches.of(set).seed(options.seed).microBatchesPerStep(options.accumulation * rankOptions.ranks);
    if (pack == null) {
      return batches.examplesPerMicroBatch(options.batchSize);
    }
    for (int i = 0; i < set.size(); i++) {
      int length = set.examples().get(i).length();
      if (length > pack) {
        throw Failure.usage(
            "--pack " + pack + ": " + set.sources().get(i) + " has " + length
                + " tokens; say a larger number, or leave longer records out with --max-length " + (pack + 1));
      }
    }
    return batches.tokensPerMicroBatch(pack);
  }
}
