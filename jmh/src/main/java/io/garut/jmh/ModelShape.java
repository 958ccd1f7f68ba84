package io.garut.jmh;

import io.garut.tensor.op.Activation;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.Pythia;
import io.garut.transformer.RotaryConfig;

/** Shapes of whole models: some of Pythia's, and one for tests. */
public enum ModelShape {
  /** For tests of the benchmarks. */
  TINY,
  /** 70 million parameters. */
  PYTHIA_70M,
  /** 160 million parameters. */
  PYTHIA_160M,
  /** 410 million parameters. */
  PYTHIA_410M,
  /** 1.4 billion parameters. */
  PYTHIA_1_4B,
  /** 2.8 billion parameters: Dolly 2.0's smallest. */
  PYTHIA_2_8B;

  NeoXConfig config() {
    return switch (this) {
      case TINY -> tiny();
      case PYTHIA_70M -> Pythia.M70.config();
      case PYTHIA_160M -> Pythia.M160.config();
      case PYTHIA_410M -> Pythia.M410.config();
      case PYTHIA_1_4B -> Pythia.B1_4.config();
      case PYTHIA_2_8B -> Pythia.B2_8.config();
    };
  }

  private static NeoXConfig tiny() {
    RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
    return new NeoXConfig(96, 32, 2, 4, 128, Activation.GELU, rotary, 2048, 1e-5, true, true, false, 0, 0);
  }
}
