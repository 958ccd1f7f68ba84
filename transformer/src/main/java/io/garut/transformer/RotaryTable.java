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
  /** Rows that are made at a time. */
  private static final int BLOCK = 256;

  private final NeoXConfig config;
  private final Tensor cos;
  private final Tensor sin;
  private float[] frequency;
  private int builtFor;
  private int rows;

  RotaryTable(NeoXConfig config) {
    this.config = config;
    Shape shape = Shape.of(config.contextLength(), config.rotatedElements() / 2);
    cos = Tensor.empty(DType.F32, shape).keep();
    sin = Tensor.empty(DType.F32, shape).keep();
    frequency = frequencies(config.maxPositions());
    builtFor = config.maxPositions();
  }

  /** [positions, R/2]. */
  Tensor cos() {
    return cos;
  }

  /** [positions, R/2]. */
  Tensor sin() {
    return sin;
  }

  /** Makes the angles those of a sequence of {@code length} tokens, and writes as many rows. */
  synchronized void extendTo(int length) {
    int wanted = Math.max(length, config.maxPositions());
    if (config.rotary().scaling() instanceof RotaryConfig.DynamicScaling && wanted != builtFor) {
      frequency = frequencies(wanted);
      builtFor = wanted;
      rows = 0;
    }
    cover(length);
  }

  /** Writes rows up to position {@code length}, which are made when they are first needed. */
  synchronized void cover(int length) {
    if (length <= rows) {
      return;
    }
    int wanted = Math.min(Math.ceilDiv(length, BLOCK) * BLOCK, config.contextLength());
    MemorySegment cosines = cos.segment();
    MemorySegment sines = sin.segment();
    for (; rows < wanted; rows++) {
      for (int i = 0; i < frequency.length; i++) {
        double angle = (float) rows * frequency[i];
        long at = (long) rows * frequency.length + i;
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
