package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;

/**
 * Angles that depend on the length of the sequence ("dynamic NTK", Transformers' {@code
 * _compute_dynamic_ntk_parameters}): beyond the trained context θ grows with it. So each batch has angles of its own, a
 * row for each of its tokens; keys in a cache keep those that they were rotated with.
 */
final class DynamicAngles implements RotaryAngles {
  private final NeoXConfig config;
  private final double factor;

  DynamicAngles(NeoXConfig config, RotaryConfig.DynamicScaling scaling) {
    this.config = config;
    this.factor = scaling.factor();
  }

  /**
   * A batch's own table.
   *
   * @param rows 0 to T − 1, [T]
   * @param cos [T, R/2]
   * @param sin [T, R/2]
   */
  record Rows(Tensor rows, Tensor cos, Tensor sin) implements AutoCloseable {
    static Rows of(int tokens, int width) {
      int[] rows = new int[tokens];
      for (int i = 0; i < tokens; i++) {
        rows[i] = i;
      }
      Shape shape = Shape.of(tokens, width);
      return new Rows(
          Tensor.of(rows).keep(), Tensor.empty(DType.F32, shape).keep(), Tensor.empty(DType.F32, shape).keep());
    }

    @Override
    public void close() {
      rows.close();
      cos.close();
      sin.close();
    }
  }

  @Override
  public void place(TokenBatch tokens) {
    int width = config.rotatedElements() / 2;
    Rows rows = tokens.rows(width);
    float[] cosines = new float[tokens.size() * width];
    float[] sines = new float[cosines.length];
    float[] frequencies = {};
    int length = -1;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.length(i) != length) {
        length = tokens.length(i);
        frequencies = RotaryAngles.frequencies(config, base(length), 1);
      }
      RotaryAngles.write(tokens.position(i), frequencies, cosines, sines, i * width);
    }
    rows.cos().set(cosines, cosines.length);
    rows.sin().set(sines, sines.length);
  }

  /** In F32, step by step, as Transformers computes it for a length that it finds in a tensor. */
  private double base(int length) {
    double base = config.rotary().base();
    if (length <= config.maxPositions()) {
      return base;
    }
    int rotated = config.rotatedElements();
    float stretched = (float) factor * length / config.maxPositions() - (float) (factor - 1);
    return (float) base * (float) StrictMath.pow(stretched, rotated / (rotated - 2.0));
  }

  @Override
  public Tensor rotate(Tensor x, TokenBatch tokens) {
    Rows rows = tokens.rows(config.rotatedElements() / 2);
    return Executor.current().apply(new Layer.Rotary(), x, rows.rows(), rows.cos(), rows.sin())[0];
  }

  @Override
  public void close() {
    // batches own the angles
  }
}
