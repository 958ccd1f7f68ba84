package io.garut.jmh;

import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Plan;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** What an operation costs that computes next to nothing, in nanoseconds. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatchBenchmark extends OnBackend {
  private static final int RECORDED = 100;

  private Tensor x;
  private Tensor y;
  private Plan plan;

  @Override
  protected void make() {
    x = Tensor.scalar(1);
    y = Tensor.scalar(2);
    try (TensorScope _ = TensorScope.open()) {
      plan = Plan.record(engine(), this::add);
    }
  }

  private void add() {
    Tensor sum = x;
    for (int i = 0; i < RECORDED; i++) {
      sum = sum.plus(y);
    }
  }

  @Override
  protected void release() {
    plan.close();
  }

  /** One addition: shape rule, pooled storage, choice of the kernel, and back. */
  @Benchmark
  public void apply() {
    run(new Pointwise.Binary(Function2.ADD), x, y);
  }

  /** The same as a user writes it, with the backend bound to the thread. */
  @Benchmark
  public double bound() {
    return Executor.with(
        engine(),
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            return x.plus(y).elements();
          }
        });
  }

  /** A view: no kernel runs. */
  @Benchmark
  public long reshape() {
    try (TensorScope _ = TensorScope.open()) {
      return x.reshape(1, 1).elements();
    }
  }

  /** One addition of a plan that is replayed. */
  @Benchmark
  @OperationsPerInvocation(RECORDED)
  public void replay() {
    plan.replay();
  }
}
