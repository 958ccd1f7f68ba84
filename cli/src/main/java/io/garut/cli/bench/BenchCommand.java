package io.garut.cli.bench;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.command.AdapterOption;
import io.garut.cli.command.ComputeOptions;
import io.garut.cli.command.ModelOption;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Json;
import io.garut.cli.terminal.Memory;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.tensor.DType;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.Pythia;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut bench}. */
@Command(
    name = "bench",
    header = "Measures how fast models run on this machine.",
    description = {
      "",
      "Models of Pythia's shapes with random weights, or a model of yours: tokens a second of a prompt and of"
          + " decoding (medians), and what part of the read bandwidth decoding uses. Bandwidth and the speed of a"
          + " matrix product are measured in the same run.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut bench",
      "  garut bench --shape 410m --dtype Q8_0,Q4_0",
      "  garut bench --model dolly-v2-3b-q4_0.gguf --json"
    })
public final class BenchCommand implements Callable<Integer> {
  private static final double ROOM = 1.15; // weights, cache and activations, as part of the weights

  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private AdapterOption adapter;
  @Mixin private ComputeOptions compute;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      split = ",",
      description = "Which of 14m, 31m, 70m, 160m, 410m, 1b, 1.4b, 2.8b, 6.9b, 12b; several with commas. 160m.")
  private List<String> shapes = List.of("160m");

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      split = ",",
      description = "Of the random weights: F32, F16, BF16, Q8_0, Q4_0; several with commas. F32,F16,Q8_0,Q4_0.")
  private List<DType> types = List.of(DType.F32, DType.F16, DType.Q8_0, DType.Q4_0);

  @Option(names = "--prompt", paramLabel = "N", defaultValue = "128", description = "Tokens of the prompt; 128.")
  private int prompt;

  @Option(names = "--decode", paramLabel = "N", defaultValue = "32", description = "Tokens to decode; 32.")
  private int decode;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of which the median counts; 5.")
  private int repetitions;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public BenchCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    if (prompt < 1 || decode < 1 || repetitions < 1) {
      throw Failure.usage("--prompt, --decode and --repetitions must be 1 or more");
    }
    compute.apply();
    if (model.isGiven()) {
      try (ModelFiles files = model.files()) {
        checkContext(files.config());
      }
    } else {
      shapes.forEach(shape -> checkContext(config(shape)));
    }
    Ceilings ceilings = ceilings();
    List<Measured> all = new ArrayList<>();
    if (!json) {
      header(ceilings);
    }
    if (model.isGiven()) {
      all.add(row(ceilings, given()));
    } else {
      for (String shape : shapes) {
        NeoXConfig config = config(shape);
        for (DType type : types) {
          all.add(row(ceilings, random(shape, config, type)));
        }
      }
    }
    Ceilings after = ceilings();
    finish(ceilings.max(after), after, all);
    return ExitCode.OK.code();
  }

  private void checkContext(NeoXConfig config) {
    if ((long) prompt + decode > config.contextLength()) {
      throw Failure.usage("--prompt and --decode exceed the model's context of " + config.contextLength() + " tokens");
    }
  }

  private Ceilings ceilings() {
    try (ProgressBar _ = ProgressBar.unknown(console, "Measuring the machine")) {
      return Ceilings.measure();
    }
  }

  private Measured given() throws IOException {
    Memory.forgetPeak();
    long began = System.nanoTime();
    try (GptNeoX opened = model.open(console, adapter)) {
      String type = opened.weights().get(1 + 4).dtype().name(); // the first projection, behind the block's two norms
      return measure(model.name(), type, opened, began);
    }
  }

  private static NeoXConfig config(String shape) {
    try {
      return Pythia.named(shape).config();
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--shape: " + e.getMessage());
    }
  }

  private Measured random(String shape, NeoXConfig config, DType type) {
    check(shape, config, type);
    Memory.forgetPeak();
    long began = System.nanoTime();
    try (GptNeoX made = make(shape, config, type)) {
      return measure(shape, type.name(), made, began);
    } finally {
      Executor.current().backend().pool().trim(); // the next model's peak is its own
    }
  }

  private GptNeoX make(String shape, NeoXConfig config, DType type) {
    try (ProgressBar _ = ProgressBar.unknown(console, "Making " + shape + " in " + type)) {
      GptNeoX made = GptNeoX.random(config, type, 1);
      made.prepare();
      return made;
    } catch (UnsupportedOperationException e) {
      throw Failure.usage("--dtype " + type + ": " + e.getMessage());
    }
  }

  private static void check(String shape, NeoXConfig config, DType type) {
    long bytes = (long) (config.parameters() * (double) type.blockBytes() / type.blockSize() * ROOM);
    OptionalLong available = Memory.available();
    if (available.isPresent() && bytes > available.getAsLong()) {
      throw new Failure(
          ExitCode.UNAVAILABLE,
          shape + " in " + type + " takes " + Numbers.bytes(bytes) + " of memory, and "
              + Numbers.bytes(available.getAsLong()) + " are free; take a smaller shape or another --dtype");
    }
  }

  private Measured measure(String name, String type, GptNeoX ready, long began) {
    double readySeconds = (System.nanoTime() - began) / 1e9;
    ModelRun run = new ModelRun(prompt, decode, repetitions, interruption);
    ModelRun.Rates rates;
    try (ProgressBar bar = ProgressBar.of(console, "Running " + name + " in " + type, 100, part -> part + " %")) {
      rates = run.measure(ready, part -> bar.done(Math.round(100 * part)));
    }
    return new Measured(
        name,
        type,
        ready.config().parameters(),
        ModelRun.bytesRead(ready),
        readySeconds,
        rates.prompt(),
        rates.decode(),
        Memory.peak());
  }

  private void header(Ceilings ceilings) {
    console.print(
        String.format(
            Locale.ROOT,
            "read bandwidth %.1f GB/s, F32 product of 2048³ %.0f GFLOP/s; prompt of %d tokens, %d decoded,"
                + " medians of %d%n%n",
            ceilings.bandwidth() / 1e9,
            ceilings.product() / 1e9,
            prompt,
            decode,
            repetitions));
    console.print(
        String.format(
            "%-8s %-5s %12s %12s %10s %11s %10s%n",
            "model", "type", "prompt tok/s", "decode tok/s", "GB/s read", "% bandwidth", "peak"));
  }

  private Measured row(Ceilings ceilings, Measured measured) {
    if (!json) {
      OptionalLong peak = measured.peakBytes();
      console.print(
          String.format(
              Locale.ROOT,
              "%-8s %-5s %12s %12s %10.1f %11.0f %10s%n",
              measured.model(),
              measured.type(),
              Numbers.three(measured.promptRate()),
              Numbers.three(measured.decodeRate()),
              measured.decodeBytes() / 1e9,
              100 * measured.share(ceilings.bandwidth()),
              peak.isPresent() ? Numbers.bytes(peak.getAsLong()) : "?"));
    }
    return measured;
  }

  private void finish(Ceilings best, Ceilings after, List<Measured> all) {
    boolean disturbed = best.bandwidth() < Ceilings.DISTURBED;
    if (json) {
      Map<String, Object> machine = new LinkedHashMap<>();
      machine.put("processors", Runtime.getRuntime().availableProcessors());
      machine.put("java", Runtime.version());
      machine.put("bandwidth_bytes_per_second", best.bandwidth());
      machine.put("product_flop_per_second", best.product());
      machine.put("disturbed", disturbed);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("machine", machine);
      document.put("prompt_tokens", prompt);
      document.put("decode_tokens", decode);
      document.put("repetitions", repetitions);
      document.put("results", all.stream().map(one -> one.json(best.bandwidth())).toList());
      Json.print(console, document);
    } else {
      console.print(
          String.format(
              Locale.ROOT,
              "%nafterwards: read bandwidth %.1f GB/s, product %.0f GFLOP/s%n",
              after.bandwidth() / 1e9,
              after.product() / 1e9));
    }
    if (disturbed) {
      console.note(
          String.format(
              Locale.ROOT,
              "The read bandwidth is under %.0f GB/s: something else disturbed this run, or the machine is a slow"
                  + " one. Run it again before you compare.",
              Ceilings.DISTURBED / 1e9));
    }
  }
}
