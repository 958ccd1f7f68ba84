package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cosines and sines of every position's angles, [positions, R/2] each, in the single precision that Transformers
 * computes them in. With dynamic scaling the angles depend on the length of the sequence; {@link #extendTo} then writes
 * the rows anew, in place, so that plans see them.
 */
final class RotaryTable implements AutoCloseable {
  private final NeoXConfig config;
  private final Tensor cos;
  private final Tensor sin;
  private int builtFor;

  RotaryTable(NeoXConfig config) {
    this.config = config;
    Shape shape = Shape.of(config.contextLength(), config.rotatedElements() / 2);
    cos = Tensor.empty(DType.F32, shape).keep();
    sin = Tensor.empty(DType.F32, shape).keep();
    fill(config.maxPositions());
  }

  /** [positions, R/2]. */
  Tensor cos() {
    return cos;
  }

  /** [positions, R/2]. */
  Tensor sin() {
    return sin;
  }

  /** Makes the table right for a sequence of {@code length} tokens. */
  synchronized void extendTo(int length) {
    if (config.rotary().scaling() instanceof RotaryConfig.DynamicScaling) {
      int wanted = Math.max(length, config.maxPositions());
      if (wanted != builtFor) {
        fill(wanted);
      }
    }
  }

  private void fill(int length) {
    builtFor = length;
    float[] frequency = frequencies(length);
    MemorySegment cosines = cos.segment();
    MemorySegment sines = sin.segment();
    // rows a dynamic table is not asked for at this length stay as they are
    long rows = config.rotary().scaling() instanceof RotaryConfig.DynamicScaling ? length : config.contextLength();
    for (long position = 0; position < rows; position++) {
      for (int i = 0; i < frequency.length; i++) {
        double angle = (float) position * frequency[i];
        long at = position * frequency.length + i;
        cosines.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) StrictMath.cos(angle));
        sines.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) StrictMath.sin(angle));
      }
    }
  }

  /** Transformers' {@code inv_freq} for a sequence of {@code length} tokens. */
  private float[] frequencies(int length) {
    int rotated = config.rotatedElements();
    double base = config.rotary().base();
    double divisor = 1;
    switch (config.rotary().scaling()) {
      case RotaryConfig.Unscaled unscaled -> {}
      case RotaryConfig.LinearScaling linear -> divisor = linear.factor();
      case RotaryConfig.DynamicScaling dynamic -> {
        double stretched = dynamic.factor() * length / config.maxPositions() - (dynamic.factor() - 1);
        base *= StrictMath.pow(stretched, rotated / (rotated - 2.0));
      }
    }
    float[] frequency = new float[rotated / 2];
    for (int i = 0; i < frequency.length; i++) {
      float exponent = (float) (2 * i) / rotated;
      frequency[i] = (float) ((1f / (float) StrictMath.pow(base, exponent)) / divisor);
    }
    return frequency;
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
