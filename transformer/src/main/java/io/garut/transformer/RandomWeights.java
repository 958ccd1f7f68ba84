package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;

/**
 * Fresh weights: matrices uniform with standard deviation 0.02, biases 0, norms 1. Each matrix has a stream of its own,
 * made of the seed and its name, so that a model does not depend on the order in which it is built.
 */
public final class RandomWeights implements WeightSource {
  private static final double DEVIATION = 0.02; // initializer_range of Pythia's configurations
  private static final double WIDTH = 2 * Math.sqrt(3) * DEVIATION;
  private static final long ROWS = 2048; // made at a time, so that a large model needs no F32 copy of a matrix

  private final DType dtype;
  private final long seed;

  /** Matrices in {@code dtype}: F32, F16, BF16, Q8_0 or Q4_0. */
  public RandomWeights(DType dtype, long seed) {
    this.dtype = dtype;
    this.seed = seed;
  }

  @Override
  public Tensor matrix(String name, long rows, long columns) {
    long stream = seed * 31 + name.hashCode();
    Tensor matrix = Tensor.empty(dtype, Shape.of(rows, columns)).keep();
    long rowBytes = dtype.bytes(columns);
    for (long from = 0; from < rows; from += ROWS) {
      long count = Math.min(ROWS, rows - from);
      try (TensorScope _ = TensorScope.open()) {
        Tensor part = Tensor.rand(Shape.of(count, columns), stream + from).minus(0.5).times(WIDTH).cast(dtype);
        matrix.segment().asSlice(from * rowBytes, count * rowBytes).copyFrom(part.segment());
      }
    }
    return name(matrix, name);
  }

  @Override
  public Tensor vector(String name, long length) {
    double value = name.endsWith("norm.weight") ? 1 : 0;
    return name(Tensor.full(DType.F32, Shape.of(length), value), name);
  }

  private static Tensor name(Tensor tensor, String name) {
    Tensor named = tensor.named(name).keep();
    tensor.close();
    return named;
  }

  @Override
  public QkvOrder qkvOrder() {
    return QkvOrder.PER_HEAD;
  }
}
