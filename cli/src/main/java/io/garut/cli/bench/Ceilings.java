package io.garut.cli.bench;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;

/**
 * What the machine can do, measured in the same run.
 *
 * @param bandwidth bytes read from memory in a second, at best, by all threads
 * @param product floating-point operations a second of an F32 product of 2048³, at best
 */
record Ceilings(double bandwidth, double product) {
  /** Under this a two-core server of today is disturbed by others. */
  static final double DISTURBED = 25e9;

  private static final long READ = 1L << 30;
  private static final int SIDE = 2048;
  private static final int TRIES = 5;

  /** The better of both. */
  Ceilings max(Ceilings other) {
    return new Ceilings(Math.max(bandwidth, other.bandwidth), Math.max(product, other.product));
  }

  /** Takes some seconds and a GiB of memory, which is given back. */
  static Ceilings measure() {
    Ceilings measured = new Ceilings(readRate(), productRate());
    Executor.current().backend().pool().trim();
    return measured;
  }

  private static double readRate() {
    try (TensorScope _ = TensorScope.open()) {
      long columns = 1 << 16;
      Tensor x = Tensor.zeros(DType.F32, READ / Float.BYTES / columns, columns);
      return READ / best(() -> x.reduce(Fold.SUM, 1));
    }
  }

  private static double productRate() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.rand(Shape.of(SIDE, SIDE), 1);
      Tensor b = Tensor.rand(Shape.of(SIDE, SIDE), 2);
      return 2.0 * SIDE * SIDE * SIDE / best(() -> a.matmul(b));
    }
  }

  /** Seconds of the fastest of several runs, after two that do not count. */
  private static double best(Supplier<Tensor> work) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = -2; i < TRIES; i++) {
      long began = System.nanoTime();
      work.get().close();
      double seconds = (System.nanoTime() - began) / 1e9;
      best = i < 0 ? best : Math.min(best, seconds);
    }
    return best;
  }
}
