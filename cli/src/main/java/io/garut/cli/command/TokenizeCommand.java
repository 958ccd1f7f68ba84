package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Json;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garut tokenize}. */
@Command(
    name = "tokenize",
    header = "Turns text into token ids, or ids into text.",
    description = {"", "A folder needs nothing but its tokenizer.json.", ""},
    footer = {
      "",
      "Examples:",
      "  garut tokenize --model pythia-160m \"Why do sheep flock together?\"",
      "  garut tokenize --model pythia-160m --count < book.txt",
      "  garut tokenize --model pythia-160m --decode 4967 513 17541"
    })
public final class TokenizeCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private ModelOption model;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "The text, or the ids; the input is read, to its last byte, where it is missing or -.")
  private List<String> words = List.of();

  @Option(names = "--decode", description = "Turn ids into text.")
  private boolean decode;

  @Option(names = "--count", description = "Print the number of tokens only.")
  private boolean count;

  @Option(names = "--pieces", description = "Print each token on a line of its own, with its text.")
  private boolean pieces;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Prints to {@code console}. */
  public TokenizeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Tokenizer tokenizer = open(model.path());
    String text = TextArgument.read(words, console, decode ? "id" : "text");
    int[] ids = decode ? known(parse(text), tokenizer) : tokenizer.encode(text);
    if (json) {
      Json.print(console, json(tokenizer, ids));
    } else if (count) {
      console.print(ids.length + "\n");
    } else if (pieces) {
      for (int id : ids) {
        console.print(id + "\t" + escaped(tokenizer.decode(id)) + "\n");
      }
    } else if (decode) {
      String decoded = tokenizer.decode(ids);
      console.print(console.terminals().out() && !decoded.endsWith("\n") ? decoded + "\n" : decoded);
    } else {
      console.print(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")) + "\n");
    }
    return ExitCode.OK.code();
  }

  private static Tokenizer open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      if (!Files.exists(path.resolve("tokenizer.json"))) {
        throw ModelOption.withoutTokenizer();
      }
      return ByteLevelBpe.open(path);
    }
    if (path.toString().endsWith(".json")) {
      return ByteLevelBpe.open(path);
    }
    try (ModelFiles files = ModelFiles.open(path)) {
      return files.tokenizer().orElseThrow(ModelOption::withoutTokenizer);
    }
  }

  private static int[] parse(String text) {
    String bare = text.strip().replaceAll("[\\[\\],\\s]+", " ").strip(); // a JSON array is welcome, too
    if (bare.isEmpty()) {
      return new int[0];
    }
    String[] parts = bare.split(" ");
    int[] ids = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        ids[i] = Integer.parseInt(parts[i]);
      } catch (NumberFormatException e) {
        String part = parts[i].length() > 40 ? parts[i].substring(0, 40) + "…" : parts[i];
        throw new Failure(ExitCode.DATA, "'" + part + "' is no token id; --decode takes whole numbers", e);
      }
    }
    return ids;
  }

  /** {@code ids}, if each stands for a token: decoding would pass over the others. */
  private static int[] known(int[] ids, Tokenizer tokenizer) {
    for (int id : ids) {
      try {
        tokenizer.token(id);
      } catch (IllegalArgumentException e) {
        int last = tokenizer.vocabularySize() - 1;
        throw new Failure(
            ExitCode.DATA, id + " stands for no token; the ids of this tokenizer go from 0 to " + last, e);
      }
    }
    return ids;
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
  }

  private static Map<String, Object> json(Tokenizer tokenizer, int[] ids) {
    List<String> tokens = new ArrayList<>();
    for (int id : ids) {
      tokens.add(tokenizer.decode(id));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("count", ids.length);
    all.put("ids", ids);
    all.put("tokens", tokens);
    all.put("text", tokenizer.decode(ids));
    return all;
  }
}
