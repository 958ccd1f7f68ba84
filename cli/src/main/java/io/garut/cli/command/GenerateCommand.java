package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Json;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Prompts;
import io.garut.transformer.generation.Generation;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.generation.StopReason;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garut generate}. */
@Command(
    name = "generate",
    header = "Continues a text, or answers a question.",
    description = {
      "",
      "A prompt that ends in a question mark is put as an instruction to models that were tuned with Dolly's prompts"
          + " (their tokenizer shows it); any other prompt is continued as it stands. --dolly and --raw say which.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut generate --model tales-7m \"Once upon a time\"",
      "  garut generate --model dolly-v2-3b \"Why do sheep flock together?\"",
      "  garut generate --model dolly-v2-3b --dolly --context \"$(cat report.txt)\" \"Summarise this.\"",
      "  garut generate --model pythia-160m --greedy --json --max-new-tokens 20 < prompt.txt"
    })
public final class GenerateCommand implements Callable<Integer> {
  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private AdapterOption adapter;
  @Mixin private SamplingOptions sampling;
  @Mixin private ComputeOptions compute;

  @Parameters(
      paramLabel = "PROMPT",
      arity = "0..*",
      description = "What to go on from; the input is read where it is missing or -. Behind -- it may begin with -.")
  private List<String> prompt = List.of();

  @ArgGroup private Format format;

  @Option(
      names = "--context",
      paramLabel = "TEXT",
      description = "What the instruction is about: the Input of Dolly's prompts.")
  private String context;

  @Option(names = "--echo", description = "Print the prompt before the continuation.")
  private boolean echo;

  @Option(names = "--json", description = "Print one JSON document: text, tokens, log-probabilities, reason, times.")
  private boolean json;

  /** One of both. */
  static final class Format {
    @Option(names = "--dolly", description = "Put the prompt as an instruction, as Dolly's prompts have it.")
    private boolean dolly;

    @Option(names = "--raw", description = "Continue the prompt as it stands.")
    private boolean raw;
  }

  /** Prints to {@code console}; ends on {@code interruption}. */
  public GenerateCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    model.path();
    sampling.check();
    compute.apply();
    String text = TextArgument.read(prompt, console, "prompt");
    if (prompt.isEmpty() || prompt.equals(List.of("-"))) {
      text = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text; // what echo adds
    }
    long began = System.nanoTime();
    try (GptNeoX opened = model.open(console, adapter)) {
      double loadSeconds = (System.nanoTime() - began) / 1e9;
      return generate(opened, text, loadSeconds);
    }
  }

  private int generate(GptNeoX opened, String text, double loadSeconds) {
    Tokenizer tokenizer = ModelOption.tokenizer(opened);
    boolean tuned = Prompts.isDolly(tokenizer);
    boolean dolly = isDolly(text, tuned);
    Generator generator = sampling.apply(Generator.of(opened, tokenizer), dolly, opened.contextLength());
    if (dolly && tokenizer.id(Prompts.DOLLY_END).isEmpty()) {
      generator = generator.alsoStoppingAt(Prompts.DOLLY_END);
    }
    String whole = !dolly ? text : context == null ? Prompts.dolly(text) : Prompts.dolly(text, context);
    int[] ids = tokenizer.encode(whole);
    if (ids.length == 0) {
      throw Failure.usage("the prompt is empty; give the model something to go on from");
    }
    if (ids.length >= opened.contextLength()) {
      throw new Failure(
          ExitCode.DATA,
          "the prompt has " + ids.length + " tokens, the model's context holds " + opened.contextLength()
              + "; shorten it");
    }
    Telling telling = new Telling(console, interruption, !json);
    if (echo && !json) {
      console.print(text);
    }
    Generation generation;
    try (Interruption.Section _ = interruption.section();
        Telling.Reading _ = echo && !json ? Telling.Reading.HIDDEN : telling.reading()) { // would hide the echo
      generation = generator.generate(ids, telling);
      telling.endLine();
      Telling.Times times = telling.times(generation, 0);
      if (json) {
        Json.print(console, json(generation, tokenizer, dolly, loadSeconds, times));
      } else {
        console.note(summary(generation, tuned, dolly, times));
      }
    }
    if (console.isBroken()) {
      return ExitCode.IO.code();
    }
    return (generation.reason() == StopReason.CANCELLED ? ExitCode.INTERRUPTED : ExitCode.OK).code();
  }

  private boolean isDolly(String text, boolean tuned) {
    boolean raw = format != null && format.raw;
    if (context != null && raw) {
      throw Failure.usage("--context belongs to Dolly's prompts; leave --raw away");
    }
    if (format != null) {
      return format.dolly;
    }
    return context != null || tuned && text.stripTrailing().endsWith("?");
  }

  private String summary(Generation generation, boolean tuned, boolean dolly, Telling.Times times) {
    String manner = !tuned ? "" : dolly ? "answered (--raw continues); " : "continued (--dolly answers); ";
    String draw = sampling.isGreedy() ? "greedy" : "seed " + sampling.seed();
    return "[" + manner + times.line() + "; " + reason(generation.reason()) + "; " + draw + "]";
  }

  /** Why it ended, for people. */
  static String reason(StopReason reason) {
    return switch (reason) {
      case END -> "the model ended it";
      case STOP_STRING -> "ended at a stop text";
      case LENGTH -> "ended by --max-new-tokens";
      case CONTEXT -> "ended by the model's context";
      case CANCELLED -> "interrupted";
    };
  }

  private Map<String, Object> json(
      Generation generation, Tokenizer tokenizer, boolean dolly, double loadSeconds, Telling.Times times) {
    List<Map<String, Object>> tokens = new ArrayList<>();
    for (Generation.Token token : generation.tokens()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", token.id());
      one.put("text", tokenizer.decode(token.id()));
      one.put("logprob", token.logProbability());
      tokens.add(one);
    }
    Map<String, Object> timing = new LinkedHashMap<>();
    timing.put("load_seconds", loadSeconds);
    timing.putAll(times.json());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model.path());
    all.put("format", dolly ? "dolly" : "raw");
    all.put("text", generation.text());
    all.put("reason", generation.reason().name().toLowerCase(Locale.ROOT));
    all.put("prompt_tokens", generation.promptTokens());
    all.put("new_tokens", generation.tokens().size());
    all.put("seed", sampling.isGreedy() ? null : sampling.seed());
    all.put("tokens", tokens);
    all.put("timing", timing);
    return all;
  }
}
