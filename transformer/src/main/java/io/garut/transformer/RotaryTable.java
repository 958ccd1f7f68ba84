package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/** Cosines and sines of every position's angles, [positions, R/2] each; rows are written when they are first needed. */
final class RotaryTable implements RotaryAngles {
  /** Rows that are made at a time. */
  private static final int BLOCK = 256;

  private final NeoXConfig config;
  private final Tensor cos;
  private final Tensor sin;
  private final float[] frequencies;
  private int rows;

  RotaryTable(NeoXConfig config) {
    this.config = config;
    Shape shape = Shape.of(config.contextLength(), config.rotatedElements() / 2);
    cos = Tensor.empty(DType.F32, shape).keep();
    sin = Tensor.empty(DType.F32, shape).keep();
    // linear scaling divides the positions
    frequencies = RotaryAngles.frequencies(config, config.rotary().base(), config.rotary().scaling().stretch());
  }

  /** [positions, R/2]. */
  Tensor cos() {
    return cos;
  }

  /** [positions, R/2]. */
  Tensor sin() {
    return sin;
  }

  @Override
  public void place(TokenBatch tokens) {
    cover(tokens.longest());
  }

  /** Writes rows up to position {@code length}. */
  synchronized void cover(int length) {
    if (length <= rows) {
      return;
    }
    int wanted = Math.min(Math.ceilDiv(length, BLOCK) * BLOCK, config.contextLength());
    int width = frequencies.length;
    float[] cosines = new float[(wanted - rows) * width];
    float[] sines = new float[cosines.length];
    for (int row = rows; row < wanted; row++) {
      RotaryAngles.write(row, frequencies, cosines, sines, (row - rows) * width);
    }
    copy(cosines, cos, (long) rows * width);
    copy(sines, sin, (long) rows * width);
    rows = wanted;
  }

  private static void copy(float[] values, Tensor table, long at) {
    MemorySegment.copy(
        values, 0, table.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, values.length);
    Reference.reachabilityFence(table);
  }

  @Override
  public Tensor rotate(Tensor x, TokenBatch tokens) {
    return Executor.current().apply(new Layer.Rotary(), x, tokens.positions(), cos, sin)[0];
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
