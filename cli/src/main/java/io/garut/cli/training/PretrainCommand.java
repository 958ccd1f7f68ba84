package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.command.ComputeOptions;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.train.TrainingOptions;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.TrainingRecord;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.train.data.reading.RecordReader;
import io.garut.train.data.tokens.TokenFile;
import io.garut.train.data.tokens.TokenFileWriter;
import io.garut.train.data.tokens.TokenWindows;
import io.garut.train.optim.LearningRate;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Optimization;
import io.garut.train.run.Consolidation;
import io.garut.train.run.ModelPart;
import io.garut.train.run.PromptBattery;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunSettings;
import io.garut.train.shard.RankGroup;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RandomWeights;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut pretrain}. */
@Command(
    name = "pretrain",
    header = "Trains a model from scratch on texts.",
    description = {
      "",
      "The model's shape comes from a config.json in Hugging Face's form. Its vocabulary is made from the texts, with tokens"
          + " for Dolly's prompts, or taken from a tokenizer. Documents are put one after another, the end-of-text token"
          + " between them, and cut into windows of --context tokens.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  garut pretrain --config config.json --data tales.txt --out runs/tales --batch-size 8 --learning-rate 1e-3"
    })
public final class PretrainCommand implements Callable<Integer> {
  /** A rise over at most 200 steps, then half a wave down to a tenth. */
  private static final LearningRate USUAL = new LearningRate(1e-3, Warmup.LINEAR, 200, Decay.COSINE, 1, 0.1);

  private static final String END_OF_TEXT = "<|endoftext|>";
  private static final int LEAST_VOCABULARY = 256 + 1 + RecordEncoder.dollyTokens().size();
  private static final int TEST_PART = 50;
  private static final int MOST_TEST = 64;

  private final Console console;
  private final Interruption interruption;

  @Mixin private ComputeOptions compute;
  @Mixin private final DataOptions data = new DataOptions();
  @Mixin private final RunOptions options = new RunOptions();

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "The model's shape: a config.json of GPT-NeoX.")
  private Path config;

  @Option(
      names = "--tokenizer",
      paramLabel = "PATH",
      description = "A tokenizer.json; one is made from the texts, as large as the configuration's vocabulary, unless given.")
  private Path tokenizer;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of a window; 512, or the model's context if that is less, unless given.")
  private Integer context;

  @Option(
      names = "--test-windows",
      paramLabel = "N",
      description = "Windows at the end of the texts that are kept for evaluation; a fiftieth, 64 at most, unless given.")
  private Integer testWindows;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public PretrainCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    options.check();
    Recipe recipe = options.recipe(USUAL, OptionalInt.empty(), 1);
    data.check();
    data.refuseNearDuplicates();
    compute.apply();
    if (!Files.isRegularFile(config)) {
      throw new Failure(ExitCode.NO_INPUT, config + ": there is no such file; check --config");
    }
    NeoXConfig shape = ConfigReader.json(config);
    int length = context == null ? Math.min(512, shape.contextLength()) : context;
    if (length < 2 || length > shape.contextLength()) {
      throw Failure.usage(
          "--context " + length + ": a window holds from 2 to the model's " + shape.contextLength() + " tokens");
    }
    PromptBattery battery = options.battery(List.of("Once upon a time", "The king said", "In the wood"), false);
    Run run = new Run(console, interruption, options, 1);
    run.checkFolder();
    RunSettings files = data.addTo(RunSettings.empty().withFile("config", config));
    files = tokenizer == null ? files : files.withFile("tokenizer", tokenizer);
    run.checkFiles(files);
    Files.createDirectories(options.out);
    ByteLevelBpe vocabulary = vocabulary(shape);
    try (TokenFile tokens = tokens(vocabulary);
        GptNeoX model = new GptNeoX(shape, new RandomWeights(options.dtype, options.seed), vocabulary)) {
      TokenWindows windows = TokenWindows.of(tokens, length);
      int test = testWindows == null ? Math.min(MOST_TEST, windows.size() / TEST_PART) : testWindows;
      if (test < 0 || test >= windows.size()) {
        throw new Failure(
            ExitCode.DATA, "the texts make " + windows.size() + " windows; one at least must be left to learn from");
      }
      Examples learnt = test == 0 ? windows : windows.split(test).train();
      Optional<Examples> kept = test == 0 ? Optional.empty() : Optional.of(windows.split(test).test());
      console.note(
          Numbers.whole(tokens.size()) + " tokens, " + learnt.size() + " windows to learn, " + test + " for evaluation");
      Batches batches = recipe.batches(learnt);
      RunSettings settings = recipe.addTo(files.with("context", length).with("test_windows", test), recipe.steps(batches));
      settings = options.addTo(settings, 1);
      run.checkSettings(settings);
      ModelWriter writer = ModelWriter.of(model).tokenizer(vocabulary);
      TrainingOptions training = recipe.training(recipe.steps(batches));
      try (Offload offload = options.openOffload(Optimization.bytes(training.optimizer(), model.weights()))) {
        boolean finished = run.train(
            RankGroup.alone(offload), model, vocabulary, model.weights(), ModelPart.of(writer), batches, kept, training,
            settings, battery);
        if (!finished) {
          return ExitCode.INTERRUPTED.code();
        }
      }
      Path result = options.out.resolve("model");
      Consolidation.write(options.out, writer, result, options.dtype);
      return run.done(result, "garut generate --model " + result + " \"Once upon a time\"");
    }
  }

  /** The one that was named, the run's own, or a new one, which the run then keeps. */
  private ByteLevelBpe vocabulary(NeoXConfig shape) throws IOException {
    Path own = options.out.resolve("tokenizer.json");
    ByteLevelBpe vocabulary;
    if (tokenizer != null) {
      vocabulary = ByteLevelBpe.open(tokenizer);
    } else if (options.resume && Files.exists(own)) { // else it is of an attempt that failed
      vocabulary = ByteLevelBpe.open(own);
    } else {
      if (shape.vocabularySize() < LEAST_VOCABULARY) {
        throw new Failure(
            ExitCode.DATA,
            config + ": vocab_size " + shape.vocabularySize() + ": a vocabulary of bytes and Dolly's tokens has "
                + LEAST_VOCABULARY + " at least; say so there, or name a --tokenizer");
      }
      List<String> special = new ArrayList<>(List.of(END_OF_TEXT));
      RecordEncoder.dollyTokens().forEach(token -> special.add(token.content()));
      try (RecordReader reader = data.open();
          ProgressBar bar = ProgressBar.of(console, "Making the vocabulary", shape.vocabularySize(), Numbers::whole)) {
        vocabulary = BpeTrainer.ofSize(shape.vocabularySize()).specialTokens(special).train(texts(reader), bar::done);
      }
      vocabulary.save(own);
    }
    if (vocabulary.vocabularySize() > shape.vocabularySize()) {
      throw new Failure(
          ExitCode.DATA,
          "the tokenizer has " + vocabulary.vocabularySize() + " tokens, the model's vocabulary " + shape.vocabularySize());
    }
    if (vocabulary.id(END_OF_TEXT).isEmpty()) {
      throw new Failure(
          ExitCode.DATA, "the tokenizer has no " + END_OF_TEXT + " to put between documents; add it, or leave out --tokenizer");
    }
    return vocabulary;
  }

  private static Iterator<String> texts(RecordReader reader) {
    return new Iterator<>() {
      private Optional<LocatedRecord> next = read();

      private Optional<LocatedRecord> read() {
        try {
          return reader.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public boolean hasNext() {
        return next.isPresent();
      }

      @Override
      public String next() {
        LocatedRecord now = next.orElseThrow(NoSuchElementException::new);
        next = read();
        return text(now.record());
      }
    };
  }

  private static String text(TrainingRecord record) {
    return switch (record) {
      case TrainingRecord.Document document -> document.text();
      case TrainingRecord.Completion completion -> completion.prompt() + completion.completion();
      case TrainingRecord.Instruction instruction -> RecordEncoder.prompt(instruction) + instruction.response();
      case TrainingRecord.Conversation conversation ->
          String.join("\n", conversation.messages().stream().map(message -> message.content()).toList());
    };
  }

  private TokenFile tokens(ByteLevelBpe vocabulary) throws IOException {
    Path file = options.out.resolve("tokens.bin");
    if (options.resume && Files.exists(file)) {
      return TokenFile.open(file);
    }
    try (RecordReader reader = data.open()) {
      TokenFile tokens;
      try (ProgressBar _ = ProgressBar.unknown(console, "Tokenizing")) {
        tokens = TokenFileWriter.write(file, reader, RecordEncoder.of(vocabulary));
      }
      data.tellSkipped(reader, console);
      if (tokens.size() < 2) {
        tokens.close();
        throw new Failure(ExitCode.DATA, "there is no text in " + data.paths + "; nothing can be learnt");
      }
      return tokens;
    }
  }
}
