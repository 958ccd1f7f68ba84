package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.tensor.DType;
import io.garut.transformer.convert.Converter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut convert}. */
@Command(
    name = "convert",
    header = "Writes a model in another form.",
    description = {
      "",
      "As a GGUF file, if the name of the target ends in .gguf; else as a Hugging Face folder with safetensors."
          + " Takes the memory of the largest weight, however large the model is. The target appears when all is"
          + " written.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut convert --model dolly-v2-12b --out dolly-v2-12b-safetensors",
      "  garut convert --model pythia-160m --type F16 --out pythia-160m-f16.gguf",
      "  garut convert --model pythia-160m-f16.gguf --out pythia-160m"
    })
public final class ConvertCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*([KMGT]?)B?", Pattern.CASE_INSENSITIVE);

  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "PATH",
      required = true,
      description = "The target: NAME.gguf, or a folder.")
  private Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Of the weights: F32, F16 or BF16, in GGUF also Q8_0 or Q4_0; as they are unless given.")
  private DType type;

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      defaultValue = "5GB",
      description = "The largest safetensors file; ${DEFAULT-VALUE} unless given.")
  private String shardSize;

  @Option(names = "--force", description = "Overwrite what is there.")
  private boolean force;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public ConvertCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    if (out.toString().isBlank()) {
      throw Failure.usage("--out is empty; name a folder, or a file that ends in .gguf");
    }
    Converter converter = Converter.of(model.path()).overwrite(force).shardBytes(bytes(shardSize));
    String name = out.toString().toLowerCase(Locale.ROOT);
    boolean gguf = name.endsWith(".gguf");
    if (name.isBlank() || name.endsWith(".safetensors") || name.endsWith(".bin")) {
      throw Failure.usage("--out " + out + ": name a folder, or a file that ends in .gguf");
    }
    if (!gguf && type != null && type.isBlock()) {
      throw Failure.usage("--type " + type + ": safetensors has no such type; let the name of --out end in .gguf");
    }
    Converter typed = typed(converter);
    new Conversions(console, interruption)
        .run(
            "Converting",
            json,
            listener -> gguf ? typed.listener(listener).toGguf(out) : typed.listener(listener).toFolder(out));
    return ExitCode.OK.code();
  }

  private Converter typed(Converter converter) {
    try {
      return type == null ? converter : converter.type(type);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--type " + type + ": " + e.getMessage());
    }
  }

  private static long bytes(String text) {
    Matcher matcher = SIZE.matcher(text.strip());
    long number = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    if (number == 0) {
      throw Failure.usage("--shard-size " + text + ": say a size such as 500MB or 5GB");
    }
    return switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
      case "K" -> number * 1_000;
      case "M" -> number * 1_000_000;
      case "G" -> number * 1_000_000_000;
      case "T" -> number * 1_000_000_000_000L;
      default -> number;
    };
  }
}
