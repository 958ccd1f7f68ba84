package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Op;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Takes every operation. A {@link Backend} computes it; a recorder, a tape or a sharding executor decorates another
 * one.
 *
 * <p>The current executor is bound to a thread by {@link #with}; a thread that is bound to none uses the standard
 * backend. Threads of a pool are bound explicitly.
 */
public interface Executor {
  /**
   * Computes {@code op}.
   *
   * @return its results, in order; none if it works in place
   * @throws io.garut.tensor.ShapeException if the inputs do not fit
   * @throws IllegalStateException if an input has been closed
   */
  Tensor[] apply(Op op, Tensor... inputs);

  /** The backend at the bottom, which owns the storage. */
  Backend backend();

  /** Runs a region of a model. Temporaries inside it end with it. */
  default Tensor region(Region region, Tensor input, UnaryOperator<Tensor> body) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.handOver(body.apply(input));
    }
  }

  /**
   * Runs what goes back through a region: its weights are read, and their gradients made, in {@code body} and nowhere else
   * on the way back.
   */
  default void regionBack(Region region, Runnable body) {
    body.run();
  }

  /** The executor bound to this thread, or the standard backend. */
  static Executor current() {
    return Backends.CURRENT.isBound() ? Backends.CURRENT.get() : Backends.standard();
  }

  /** Runs {@code body} with {@code executor} as the current one. */
  static <T> T with(Executor executor, Supplier<T> body) {
    return ScopedValue.where(Backends.CURRENT, executor).call(body::get);
  }
}
