package io.garut.jmh;

import io.garut.tensor.op.Activation;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;

/** Shapes of whole models, Pythia's (Biderman et al., 2023) and one for tests. */
public enum ModelShape {
  /** For tests of the benchmarks. */
  TINY(2, 32, 4, 96),
  /** 70 million parameters. */
  PYTHIA_70M(6, 512, 8, 50304),
  /** 160 million parameters. */
  PYTHIA_160M(12, 768, 12, 50304),
  /** 410 million parameters. */
  PYTHIA_410M(24, 1024, 16, 50304),
  /** 1.4 billion parameters. */
  PYTHIA_1_4B(24, 2048, 16, 50304),
  /** 2.8 billion parameters: Dolly 2.0's smallest. */
  PYTHIA_2_8B(32, 2560, 32, 50304);

  private final int layers;
  private final int hidden;
  private final int heads;
  private final int vocabulary;

  ModelShape(int layers, int hidden, int heads, int vocabulary) {
    this.layers = layers;
    this.hidden = hidden;
    this.heads = heads;
    this.vocabulary = vocabulary;
  }

  NeoXConfig config() {
    RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
    return new NeoXConfig(
        vocabulary, hidden, layers, heads, 4 * hidden, Activation.GELU, rotary, 2048, 1e-5, true, true, false, 0, 0);
  }
}
