package io.garut.cli.training;

import io.garut.cli.Failure;
import io.garut.tensor.DType;
import io.garut.train.run.RunSettings;
import io.garut.transformer.lora.LoraConfig;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of an adapter. */
final class LoraOptions {
  @Option(
      names = "--lora",
      description = "Train an adapter beside the model, which stays as it is and may be quantised: far less memory.")
  private boolean lora;

  @Option(names = "--lora-rank", paramLabel = "N", description = "The adapter's rank; ${DEFAULT-VALUE} unless given.")
  private int rank = 8;

  @Option(names = "--lora-alpha", paramLabel = "A", description = "The adapter's scale times its rank; 16 unless given.")
  private double alpha = 16;

  @Option(
      names = "--lora-targets",
      paramLabel = "NAMES",
      split = ",",
      description = "Where adapters go, of query_key_value, dense, dense_h_to_4h, dense_4h_to_h; the first unless given.")
  private List<String> targets = List.of("query_key_value");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Where picocli fills it in. */
  LoraOptions() {}

  /** Whether an adapter is trained. */
  boolean wanted() {
    return lora;
  }

  /** What it is like. */
  LoraConfig config() {
    try {
      return new LoraConfig(rank, alpha, targets, false);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(e.getMessage());
    }
  }

  /** Refuses what makes no sense, before anything is done. */
  void check(DType dtype) {
    if (lora) {
      config();
      if (dtype != DType.F32) {
        throw Failure.usage("--dtype " + dtype + ": an adapter is trained in F32; leave out --dtype, or --lora");
      }
      return;
    }
    for (String option : List.of("--lora-rank", "--lora-alpha", "--lora-targets")) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw Failure.usage(option + " is an adapter's; say --lora too, or leave it out");
      }
    }
  }

  /** Adds what the adapter is like to {@code settings}. */
  RunSettings addTo(RunSettings settings) {
    return lora
        ? settings.with("lora_rank", rank).with("lora_alpha", alpha).with("lora_targets", String.join(",", targets))
        : settings;
  }
}
