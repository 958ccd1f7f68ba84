package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.SplitMix64;

/**
 * Weights of a model that knows which token comes after which, and nothing else: blocks add nothing, and the head's row
 * of a token is the embedding of what it follows. In 64 random directions the right one wins by far.
 */
final class ChainWeights implements WeightSource {
  private final int[] chain;

  /** Each of {@code chain} is followed by the next of them; none is followed by two. */
  ChainWeights(int... chain) {
    this.chain = chain;
  }

  @Override
  public Tensor matrix(String name, long rows, long columns) {
    float[] values = new float[Math.toIntExact(rows * columns)];
    int width = (int) columns;
    if (name.equals(WeightNames.EMBEDDING)) {
      for (int i = 0; i < values.length; i++) {
        values[i] = direction(i);
      }
    } else if (name.equals(WeightNames.HEAD)) {
      for (int i = 1; i < chain.length; i++) {
        for (int j = 0; j < width; j++) {
          values[chain[i] * width + j] = direction(chain[i - 1] * width + j);
        }
      }
    }
    return Tensor.of(values, rows, columns).named(name).keep();
  }

  private static float direction(int i) {
    return (float) (SplitMix64.uniform(17, i) - 0.5);
  }

  @Override
  public Tensor vector(String name, long length) {
    return Tensor.full(DType.F32, Shape.of(length), name.endsWith("norm.weight") ? 1 : 0).named(name).keep();
  }

  @Override
  public QkvOrder qkvOrder() {
    return QkvOrder.PER_HEAD;
  }
}
