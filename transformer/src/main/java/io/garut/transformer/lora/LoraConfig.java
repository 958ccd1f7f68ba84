package io.garut.transformer.lora;

import java.util.List;

/**
 * What an adapter is like: beside a projection W it computes scale·B·A, with A [rank, in] and B [out, rank].
 *
 * @param rank r
 * @param alpha the numerator of the scale
 * @param targets which projections get one, by the last part of their names, as {@code query_key_value}
 * @param rankStabilized whether the scale is alpha/√r (Kalajdzievski, 2023) instead of alpha/r
 */
public record LoraConfig(int rank, double alpha, List<String> targets, boolean rankStabilized) {
  /** The projections of GPT-NeoX that can have one. */
  public static final List<String> TARGETS = List.of("query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h");

  /** Checks the ranges and the names. */
  public LoraConfig {
    targets = List.copyOf(targets);
    if (rank < 1 || !(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("LoRA needs a rank and an alpha above 0, not " + rank + " and " + alpha);
    }
    if (targets.isEmpty() || !TARGETS.containsAll(targets)) {
      throw new IllegalArgumentException("LoRA goes on " + String.join(", ", TARGETS) + "; not on " + targets);
    }
  }

  /** PEFT's defaults for GPT-NeoX: rank 8, alpha 8, on the fused query, key and value. */
  public static LoraConfig standard() {
    return new LoraConfig(8, 8, List.of("query_key_value"), false);
  }

  /** The factor of B·A. */
  public double scale() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }

  /** Whether the projection {@code name} gets one. */
  public boolean takes(String name) {
    return targets.contains(name.substring(name.lastIndexOf('.') + 1));
  }
}
