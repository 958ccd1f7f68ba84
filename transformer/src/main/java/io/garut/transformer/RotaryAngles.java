package io.garut.transformer;

import io.garut.tensor.Tensor;

/** The angles by which heads rotate, in the single precision that Transformers computes them in. Safe for threads. */
sealed interface RotaryAngles extends AutoCloseable permits RotaryTable, DynamicAngles {
  /** Those of {@code config}. */
  static RotaryAngles of(NeoXConfig config) {
    return switch (config.rotary().scaling()) {
      case RotaryConfig.Unscaled _, RotaryConfig.LinearScaling _ -> new RotaryTable(config);
      case RotaryConfig.DynamicScaling dynamic -> new DynamicAngles(config, dynamic);
    };
  }

  /** Writes the angles of {@code tokens}, in place, so that plans see them. */
  void place(TokenBatch tokens);

  /** x [T, H, D], each token rotated as befits its position, → [T, H, D]. Its batch has been {@link #place placed}. */
  Tensor rotate(Tensor x, TokenBatch tokens);

  @Override
  void close();

  /** Transformers' {@code inv_freq} for θ = {@code base}: base^(−2i/R), in F32. */
  static float[] frequencies(NeoXConfig config, double base, double divisor) {
    int rotated = config.rotatedElements();
    float[] frequencies = new float[rotated / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = (float) (2 * i) / rotated;
      frequencies[i] = (float) ((1f / (float) StrictMath.pow(base, exponent)) / divisor);
    }
    return frequencies;
  }

  /** Writes cosines and sines of {@code position}'s angles at {@code at}. */
  static void write(int position, float[] frequencies, float[] cosines, float[] sines, int at) {
    for (int i = 0; i < frequencies.length; i++) {
      double angle = (float) position * frequencies[i];
      cosines[at + i] = (float) StrictMath.cos(angle);
      sines[at + i] = (float) StrictMath.sin(angle);
    }
  }
}
