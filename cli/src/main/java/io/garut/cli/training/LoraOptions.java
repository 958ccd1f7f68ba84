package io.garut.cli.training;

import io.garut.cli.Failure;
import io.garut.transformer.lora.LoraConfig;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

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

  /** Adds what a run must have in common with one that it goes on from. */
  void addTo(Map<String, Object> settings) {
    if (lora) {
      config();
      settings.put("lora_rank", rank);
      settings.put("lora_alpha", alpha);
      settings.put("lora_targets", String.join(",", targets));
    }
  }
}
