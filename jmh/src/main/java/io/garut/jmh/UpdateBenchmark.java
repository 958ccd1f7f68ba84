package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Update;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What an optimizer does with parameters and their gradients, all of it bound by memory. */
public class UpdateBenchmark extends OnBackend {
  /** Elements of a run of squares. */
  private static final int RUN = 1 << 16;

  /** Elements: the matrices of two blocks of Pythia-160m. */
  @Param("14155776")
  public int size;

  private Tensor parameter;
  private Tensor first;
  private Tensor second;
  private Tensor gradient;
  private Tensor half;
  private Tensor schedule;
  private Tensor factor;

  @Override
  protected void make() {
    parameter = Tensor.rand(Shape.of(size), 1);
    first = Tensor.rand(Shape.of(size), 2);
    second = Tensor.rand(Shape.of(size), 3);
    gradient = Tensor.rand(Shape.of(size), 4);
    half = gradient.cast(DType.BF16);
    schedule = Tensor.of(new double[] {1e-4, 10, 1});
    factor = Tensor.of(new float[] {-1}).reshape(); // keeps the size of what it scales
  }

  /** Four numbers read and three written. */
  @Benchmark
  public void adamW(Rates.Bytes rate) {
    run(new Update.AdamW(0.9, 0.999, 1e-8, 0.01), parameter, first, second, gradient, schedule);
    rate.add(28L * size);
  }

  /** Three numbers read and two written. */
  @Benchmark
  public void sgd(Rates.Bytes rate) {
    run(new Update.Sgd(0.9, false, 0.01), parameter, first, gradient, schedule);
    rate.add(20L * size);
  }

  /** Two numbers read and one written. */
  @Benchmark
  public void add(Rates.Bytes rate) {
    run(new Update.Add(), parameter, gradient);
    rate.add(12L * size);
  }

  /** One number read and written. */
  @Benchmark
  public void scale(Rates.Bytes rate) {
    run(new Update.Scale(), first, factor);
    rate.add(8L * size);
  }

  /** F32 read, BF16 written. */
  @Benchmark
  public void copyToBf16(Rates.Bytes rate) {
    run(new Update.Copy(), half, gradient);
    rate.add(6L * size);
  }

  /** Σ g² of runs, for the gradient's norm: one number read. */
  @Benchmark
  public void squareSums(Rates.Bytes rate) {
    run(new Reduction.SquareSums(RUN), gradient);
    rate.add(4L * size);
  }
}
