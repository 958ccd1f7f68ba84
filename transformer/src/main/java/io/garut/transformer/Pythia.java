package io.garut.transformer;

import io.garut.tensor.op.Activation;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The shapes of the Pythia models (Biderman et al., 2023); Dolly 2.0 has those of 2.8B, 6.9B and 12B. */
public enum Pythia {
  /** 14 million parameters, 1.2 without the embeddings. */
  M14(6, 128, 4, 50304),
  /** 31 million. */
  M31(6, 256, 8, 50304),
  /** 70 million. */
  M70(6, 512, 8, 50304),
  /** 160 million. */
  M160(12, 768, 12, 50304),
  /** 410 million. */
  M410(24, 1024, 16, 50304),
  /** 1 billion. */
  B1(16, 2048, 8, 50304),
  /** 1.4 billion. */
  B1_4(24, 2048, 16, 50304),
  /** 2.8 billion. */
  B2_8(32, 2560, 32, 50304),
  /** 6.9 billion. */
  B6_9(32, 4096, 32, 50432),
  /** 12 billion. */
  B12(36, 5120, 40, 50688);

  private final int layers;
  private final int hidden;
  private final int heads;
  private final int vocabulary;

  Pythia(int layers, int hidden, int heads, int vocabulary) {
    this.layers = layers;
    this.hidden = hidden;
    this.heads = heads;
    this.vocabulary = vocabulary;
  }

  /** The name as the models have it: {@code 160m}, {@code 1.4b}. */
  public String id() {
    return name().substring(1).replace('_', '.') + name().substring(0, 1).toLowerCase(Locale.ROOT);
  }

  /**
   * The shape called {@code id}.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Pythia named(String id) {
    for (Pythia shape : values()) {
      if (shape.id().equalsIgnoreCase(id)) {
        return shape;
      }
    }
    throw new IllegalArgumentException("there is no shape '" + id + "'; the shapes are " + ids());
  }

  /** All names, as {@code 14m, 31m, …}. */
  public static String ids() {
    return Arrays.stream(values()).map(Pythia::id).collect(Collectors.joining(", "));
  }

  /** The configuration. */
  public NeoXConfig config() {
    RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
    return new NeoXConfig(
        vocabulary, hidden, layers, heads, 4 * hidden, Activation.GELU, rotary, 2048, 1e-5, true, true, false, 0, 0);
  }
}
