package io.garut.cli.bench;

import io.garut.cli.Failure;
import io.garut.tensor.op.Activation;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import java.util.List;
import java.util.stream.Collectors;

/** The shapes of the Pythia models (Biderman et al., 2023), which are Dolly 2.0's, too. */
final class Shapes {
  private static final List<Shape> ALL =
      List.of(
          new Shape("14m", 6, 128, 4, 50304),
          new Shape("31m", 6, 256, 8, 50304),
          new Shape("70m", 6, 512, 8, 50304),
          new Shape("160m", 12, 768, 12, 50304),
          new Shape("410m", 24, 1024, 16, 50304),
          new Shape("1b", 16, 2048, 8, 50304),
          new Shape("1.4b", 24, 2048, 16, 50304),
          new Shape("2.8b", 32, 2560, 32, 50304),
          new Shape("6.9b", 32, 4096, 32, 50432),
          new Shape("12b", 36, 5120, 40, 50688));

  private record Shape(String name, int layers, int hidden, int heads, int vocabulary) {}

  private Shapes() {}

  /** The names, as {@code 14m, 31m, …}. */
  static String names() {
    return ALL.stream().map(Shape::name).collect(Collectors.joining(", "));
  }

  /** The configuration called {@code name}. */
  static NeoXConfig named(String name) {
    for (Shape shape : ALL) {
      if (shape.name.equalsIgnoreCase(name)) {
        RotaryConfig rotary = new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled());
        return new NeoXConfig(
            shape.vocabulary,
            shape.hidden,
            shape.layers,
            shape.heads,
            4 * shape.hidden,
            Activation.GELU,
            rotary,
            2048,
            1e-5,
            true,
            true,
            false,
            0,
            0);
      }
    }
    throw Failure.usage("--shape " + name + ": the shapes are " + names());
  }
}
