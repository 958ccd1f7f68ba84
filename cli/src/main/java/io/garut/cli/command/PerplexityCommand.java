package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Json;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.evaluation.Scorer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut perplexity}. */
@Command(
    name = "perplexity",
    header = "Measures how well a model predicts a text.",
    description = {
      "",
      "The text is cut into windows that do not overlap; every token but each window's first is scored. The"
          + " perplexity is exp of their mean negative log-likelihood. Smaller is better; compare only models of one"
          + " tokenizer.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut perplexity --model tales-7m --file held-out.txt",
      "  garut perplexity --model tales-7m-q4_0.gguf --file held-out.txt --window 1024 --json"
    })
public final class PerplexityCommand implements Callable<Integer> {
  private static final int USUAL_WINDOW = 512;

  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private AdapterOption adapter;
  @Mixin private ComputeOptions compute;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The text, UTF-8; the input is read where it is missing or -.")
  private Path file;

  @Option(
      names = {"-w", "--window"},
      paramLabel = "N",
      description = "Tokens of a window; 512, or the model's context if that is less, unless given.")
  private Integer window;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public PerplexityCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    model.path();
    compute.apply();
    String text = text();
    try (GptNeoX opened = model.open(console, adapter)) {
      int[] ids = ModelOption.tokenizer(opened).encode(text);
      int tokens = window == null ? Math.min(USUAL_WINDOW, opened.contextLength()) : window;
      if (tokens < 2 || tokens > opened.contextLength()) {
        throw Failure.usage(
            "--window " + tokens + ": a window holds from 2 to the model's " + opened.contextLength() + " tokens");
      }
      if (ids.length < 2) {
        throw new Failure(ExitCode.DATA, "the text has fewer than two tokens; there is nothing to predict");
      }
      long began = System.nanoTime();
      Scorer.Perplexity result = score(opened, ids, tokens);
      print(result, ids.length, tokens, (System.nanoTime() - began) / 1e9);
    }
    return ExitCode.OK.code();
  }

  private String text() throws IOException {
    if (file == null || file.toString().equals("-")) {
      return TextArgument.read(List.of(), console, "text");
    }
    if (Files.isDirectory(file)) {
      throw new Failure(ExitCode.NO_INPUT, file + ": is a folder; name a file with --file");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.DATA, file + ": is not UTF-8; convert it, for example with iconv", e);
    }
  }

  private Scorer.Perplexity score(GptNeoX opened, int[] ids, int tokens) {
    try (ProgressBar bar = ProgressBar.of(console, "Scoring", ids.length, Numbers::whole)) {
      return new Scorer(opened)
          .perplexity(
              ids,
              tokens,
              done -> {
                bar.done(done);
                if (interruption.requested()) {
                  throw new CancellationException("interrupted");
                }
              });
    }
  }

  private void print(Scorer.Perplexity result, int tokens, int windowTokens, double seconds) {
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("model", model.path());
      all.put("tokens", tokens);
      all.put("scored", result.scored());
      all.put("window", windowTokens);
      all.put("nll", result.negativeLogLikelihood());
      all.put("perplexity", result.perplexity());
      all.put("seconds", seconds);
      all.put("tokens_per_second", tokens / seconds);
      Json.print(console, all);
      return;
    }
    console.print(
        String.format(
            Locale.ROOT,
            "perplexity %.4f (mean negative log-likelihood %.6f over %,d tokens, windows of %d)%n",
            result.perplexity(),
            result.negativeLogLikelihood(),
            result.scored(),
            windowTokens));
    console.note("[" + Numbers.whole(tokens) + " tokens in " + Numbers.seconds(seconds) + "]");
  }
}
