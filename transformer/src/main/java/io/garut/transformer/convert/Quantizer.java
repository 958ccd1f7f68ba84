package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.WeightNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a model as a GGUF file with its matrices in a block format, as ggml's reference quantiser makes them; vectors
 * are F32. Immutable: each setting returns a changed copy.
 *
 * <pre>{@code
 * Quantizer.of(Path.of("dolly-v2-3b"), DType.Q8_0).write(Path.of("dolly-v2-3b-q8_0.gguf"));
 * }</pre>
 */
public final class Quantizer {
  private final Path model;
  private final Converter converter;
  private final WeightTypes types;
  private final boolean again;

  private Quantizer(Path model, Converter converter, WeightTypes types, boolean again) {
    this.model = model;
    this.converter = converter;
    this.types = types;
    this.again = again;
  }

  /**
   * A quantiser of the model at {@code model}, a Hugging Face folder or a GGUF file.
   *
   * @param type Q8_0 or Q4_0
   * @throws IllegalArgumentException if it is another
   */
  public static Quantizer of(Path model, DType type) {
    Objects.requireNonNull(model, "model");
    if (type != DType.Q8_0 && type != DType.Q4_0) {
      throw new IllegalArgumentException("a model is quantised to Q8_0 or Q4_0, not " + type);
    }
    WeightTypes types = new WeightTypes(Optional.of(type), Optional.empty(), Optional.empty());
    return new Quantizer(model, Converter.of(model), types, false);
  }

  /** With the token embedding in another type: F32, F16, BF16, Q8_0 or Q4_0. */
  public Quantizer embedding(DType type) {
    Converter.checkType(type);
    return new Quantizer(model, converter, new WeightTypes(types.matrices(), Optional.of(type), types.head()), again);
  }

  /** With the head, which feels coarse steps most, in another type: F32, F16, BF16, Q8_0 or Q4_0. */
  public Quantizer head(DType type) {
    Converter.checkType(type);
    return new Quantizer(
        model, converter, new WeightTypes(types.matrices(), types.embedding(), Optional.of(type)), again);
  }

  /** Whether a model that is quantised already may be quantised again, which loses more than doing it once. */
  public Quantizer again(boolean allowed) {
    return new Quantizer(model, converter, types, allowed);
  }

  /** Whether a file that is there already may be replaced; not unless set. */
  public Quantizer overwrite(boolean allowed) {
    return new Quantizer(model, converter.overwrite(allowed), types, again);
  }

  /** With {@code heard} hearing how it gets on. */
  public Quantizer listener(ConversionListener heard) {
    return new Quantizer(model, converter.listener(heard), types, again);
  }

  /**
   * Writes the GGUF file.
   *
   * @throws CheckpointException as {@link Converter#toGguf} has it, or if the model is quantised already
   * @throws IOException if a file of the model cannot be read
   * @throws java.util.concurrent.CancellationException if the listener ended it
   */
  public Conversion write(Path file) throws IOException {
    if (!again) {
      checkPlain();
    }
    return converter.types(types).toGguf(file);
  }

  private void checkPlain() throws IOException {
    try (ModelFiles files = ModelFiles.open(model)) {
      for (var weight : WeightNames.of(files.config()).entrySet()) {
        Entry entry = files.weights().entry(weight.getKey(), weight.getValue());
        if (entry.dtype().orElseThrow().isBlock()) {
          throw new CheckpointException(
              entry.file(),
              "tensor " + CheckpointException.quote(entry.name()),
              "is " + entry.type() + " already",
              "quantise the model it was made from, or accept a second loss (--requantize)");
        }
      }
    }
  }
}
