package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.tensor.DType;
import io.garut.transformer.convert.Quantizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut quantize}. */
@Command(
    name = "quantize",
    header = "Writes a model as a smaller GGUF file.",
    description = {
      "",
      "Its matrices get blocks of 8 or 4 bits: a half or a quarter of F16's size, and as much faster to decode."
          + " Q8_0 hardly differs from the original; Q4_0 costs some percent of perplexity.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut quantize --model dolly-v2-3b --out dolly-v2-3b-q8_0.gguf",
      "  garut quantize --model dolly-v2-3b --type Q4_0 --head-type Q8_0 --out dolly-v2-3b-q4_0.gguf"
    })
public final class QuantizeCommand implements Callable<Integer> {
  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      required = true,
      description = "The target: NAME.gguf.")
  private Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "Q8_0",
      description = "Q8_0 or Q4_0; ${DEFAULT-VALUE} unless given.")
  private DType type;

  @Option(names = "--embedding-type", paramLabel = "TYPE", description = "Of the token embedding, if not the same.")
  private DType embeddingType;

  @Option(names = "--head-type", paramLabel = "TYPE", description = "Of what makes the logits, if not the same.")
  private DType headType;

  @Option(names = "--requantize", description = "Quantise again what is quantised already.")
  private boolean requantize;

  @Option(names = "--force", description = "Overwrite what is there.")
  private boolean force;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public QuantizeCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    if (!out.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      throw Failure.usage("--out " + out + ": the name must end in .gguf");
    }
    Quantizer quantizer = quantizer(model.path());
    new Conversions(console, interruption).run("Quantising", json, heard -> quantizer.listener(heard).write(out));
    return ExitCode.OK.code();
  }

  private Quantizer quantizer(Path path) {
    try {
      Quantizer quantizer = Quantizer.of(path, type).overwrite(force).again(requantize);
      quantizer = embeddingType == null ? quantizer : quantizer.embedding(embeddingType);
      return headType == null ? quantizer : quantizer.head(headType);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(e.getMessage());
    }
  }
}
