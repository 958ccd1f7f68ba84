package io.garut.transformer;

import java.util.Objects;

/**
 * Rotary position embedding.
 *
 * @param fraction the part of each head that rotates ({@code rotary_pct}, {@code partial_rotary_factor})
 * @param base θ ({@code rotary_emb_base}, {@code rope_theta})
 * @param scaling how positions beyond the trained context are reached
 */
public record RotaryConfig(double fraction, double base, Scaling scaling) {
  /** Checks the numbers. */
  public RotaryConfig {
    Objects.requireNonNull(scaling, "scaling");
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException("rotary_pct must lie above 0 and not above 1, not be " + fraction);
    }
    if (!(base > 0) || Double.isInfinite(base)) {
      throw new IllegalArgumentException("rotary_emb_base must be a positive number, not " + base);
    }
  }

  /** Transformers' {@code rope_type}s that GPT-NeoX models use. */
  public sealed interface Scaling {
    /** By how much the context is longer than the trained one. */
    double stretch();
  }

  /** Positions as they are: {@code default}. */
  public record Unscaled() implements Scaling {
    @Override
    public double stretch() {
      return 1;
    }
  }

  /** Positions divided by {@code factor}: {@code linear}. */
  public record LinearScaling(double factor) implements Scaling {
    /** Checks the factor. */
    public LinearScaling {
      checkFactor(factor);
    }

    @Override
    public double stretch() {
      return factor;
    }
  }

  /** θ grows with the length of the sequence beyond the trained context: {@code dynamic} (NTK-aware). */
  public record DynamicScaling(double factor) implements Scaling {
    /** Checks the factor. */
    public DynamicScaling {
      checkFactor(factor);
    }

    @Override
    public double stretch() {
      return factor;
    }
  }

  private static void checkFactor(double factor) {
    if (!(factor >= 1) || factor > 1024) {
      throw new IllegalArgumentException("a rope scaling factor must lie between 1 and 1024, not be " + factor);
    }
  }
}
