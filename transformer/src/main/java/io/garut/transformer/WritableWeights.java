package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import java.util.function.Consumer;

/**
 * Copies of another source's weights in memory that can be written to, for training: matrices in one floating-point type,
 * vectors F32, the fused query-key-value rows in the hub's order. Each is checked to be finite, then told of.
 */
final class WritableWeights implements WeightSource {
  private final WeightSource source;
  private final DType dtype;
  private final NeoXConfig config;
  private final Consumer<Tensor> placed;

  WritableWeights(WeightSource source, DType dtype, NeoXConfig config, Consumer<Tensor> placed) {
    this.placed = placed;
    this.source = source;
    this.dtype = dtype;
    this.config = config;
  }

  @Override
  public Tensor matrix(String name, long rows, long columns) throws CheckpointException {
    try (Tensor original = source.matrix(name, rows, columns)) {
      return copy(original, name, dtype);
    }
  }

  @Override
  public Tensor vector(String name, long length) throws CheckpointException {
    try (Tensor original = source.vector(name, length)) {
      return copy(original, name, DType.F32);
    }
  }

  private Tensor copy(Tensor original, String name, DType as) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor plain = original.dtype().isBlock() ? original.cast(as) : original;
      Tensor ordered = name.contains(".query_key_value.") ? perHead(plain) : plain;
      Tensor copy = Tensor.empty(as, original.shape());
      Executor.current().apply(new Update.Copy(), copy, ordered);
      Tensor weight = copy.named(name).keep();
      weight.requireFinite();
      placed.accept(weight);
      return weight;
    }
  }

  /** The rows in the order [heads, 3, headSize]. */
  private Tensor perHead(Tensor rows) {
    return switch (source.qkvOrder()) {
      case PER_HEAD -> rows;
      case STACKED -> {
        long columns = rows.elements() / rows.shape().dim(0);
        Tensor stacked = rows.reshape(3, config.heads(), config.headSize(), columns);
        yield stacked.permute(1, 0, 2, 3).reshape(rows.shape().toArray());
      }
    };
  }

  @Override
  public QkvOrder qkvOrder() {
    return QkvOrder.PER_HEAD;
  }
}
