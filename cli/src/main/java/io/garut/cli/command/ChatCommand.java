package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.generation.Chat;
import io.garut.transformer.generation.Generation;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.generation.StopReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut chat}. */
@Command(
    name = "chat",
    header = "Holds a conversation.",
    description = {
      "",
      "In Dolly's prompt format where the tokenizer has Dolly's tokens, else as a dialogue of User and Assistant. What"
          + " was said stays in the KV cache between turns. When the context is full the oldest turns are forgotten.",
      ""
    },
    footer = {
      "",
      "A line is a message; one that ends in \\ goes on in the next. /help lists what else can be said.",
      "",
      "Examples:",
      "  garut chat --model dolly-v2-3b",
      "  printf 'Name a sheep.\\nAnother one.\\n' | garut chat --model dolly-v2-3b --seed 7"
    })
public final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      """
      /clear   forget what was said
      /stats   how full the context is
      /exit    end the conversation; so do Ctrl-D, and Ctrl-C, which ends an answer with it
      A line that ends in \\ goes on in the next one.""";

  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private AdapterOption adapter;
  @Mixin private SamplingOptions sampling;
  @Mixin private ComputeOptions compute;

  @Option(
      names = "--context-length",
      paramLabel = "N",
      description = "Tokens that the conversation may hold; the model's context, at most 2048, unless given.")
  private Integer contextLength;

  /** Talks over {@code console}; ends on {@code interruption}. */
  public ChatCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    sampling.check();
    compute.apply();
    try (GptNeoX opened = model.open(console, adapter)) {
      int length = contextLength == null ? Math.min(opened.contextLength(), 2048) : contextLength;
      Generator generator =
          sampling.apply(Generator.of(opened, ModelOption.tokenizer(opened)), true, opened.contextLength());
      try (Chat chat = chat(generator, length)) {
        return talk(chat, length);
      }
    }
  }

  private static Chat chat(Generator generator, int length) {
    try {
      return new Chat(generator, length);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--context-length: " + e.getMessage());
    }
  }

  private int talk(Chat chat, int length) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8.newDecoder()));
    if (isDialogue()) {
      console.note("[" + model.name() + ", " + length + " tokens of context; /help for help]");
    }
    for (String message = read(lines); message != null; message = read(lines)) {
      switch (message.strip()) {
        case "" -> {}
        case "/exit", "/quit" -> {
          return ExitCode.OK.code();
        }
        case "/help" -> console.note(HELP);
        case "/clear" -> {
          chat.clear();
          console.note("[forgotten]");
        }
        case "/stats" -> console.note("[" + stats(chat, length) + "]");
        default -> {
          if (message.startsWith("/")) {
            console.note("[there is no " + message.strip().split(" ")[0] + "; /help lists what there is]");
          } else if (!answer(chat, message)) {
            return (console.isBroken() ? ExitCode.IO : ExitCode.INTERRUPTED).code();
          }
        }
      }
    }
    if (isDialogue()) {
      console.print("\n");
    }
    return ExitCode.OK.code();
  }

  /** Whether someone types and reads here: to others prompts are noise among the results. */
  private boolean isDialogue() {
    return console.terminals().in() && console.terminals().out();
  }

  private String read(BufferedReader lines) throws IOException {
    StringBuilder message = new StringBuilder();
    try {
      while (true) {
        if (isDialogue()) {
          console.print(message.isEmpty() ? "> " : ". ");
        }
        String line = lines.readLine();
        if (line == null) {
          return message.isEmpty() ? null : message.toString();
        }
        if (!line.endsWith("\\")) {
          return message.append(line).toString();
        }
        message.append(line, 0, line.length() - 1).append('\n');
      }
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.DATA, "the input is not UTF-8; convert it, for example with iconv", e);
    }
  }

  /** Answers {@code message}; false if it was interrupted. */
  private boolean answer(Chat chat, String message) {
    int cached = chat.cachedTokens();
    int forgotten = chat.forgottenTurns();
    Telling telling = new Telling(console, interruption, true);
    Generation answer;
    try (Interruption.Section _ = interruption.section();
        Telling.Reading _ = telling.reading()) {
      answer = chat.say(message, telling);
      telling.endLine();
    } catch (IllegalArgumentException e) {
      console.note("[" + e.getMessage() + "]");
      return true;
    }
    if (chat.forgottenTurns() > forgotten) {
      int turns = chat.forgottenTurns() - forgotten;
      console.note("[the context was full: the oldest " + Numbers.count(turns, "turn") + " forgotten]");
      cached = 0;
    }
    if (answer.reason() == StopReason.CANCELLED) {
      return false;
    }
    if (console.terminals().err()) {
      Telling.Times times = telling.times(answer, Math.min(cached, answer.promptTokens()));
      String why = answer.reason() == StopReason.END ? "" : "; " + GenerateCommand.reason(answer.reason());
      console.note("[" + times.line() + why + "]");
    }
    return true;
  }

  private String stats(Chat chat, int length) {
    String format = chat.isDolly() ? "Dolly's prompts" : "User and Assistant";
    String draw = sampling.isGreedy() ? "greedy" : "seed " + sampling.seed();
    return format + "; " + Numbers.whole(chat.cachedTokens()) + " of " + Numbers.whole(length)
        + " tokens in the cache; " + Numbers.count(chat.forgottenTurns(), "turn") + " forgotten; " + draw;
  }
}
