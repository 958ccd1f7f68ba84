package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Product;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Square matrix products in F32, both sides packed on each call. */
public class MatMulBenchmark extends OnBackend {
  /** Rows and columns. */
  @Param({"512", "1024", "2048"})
  public int size;

  private Tensor a;
  private Tensor b;

  @Override
  protected void make() {
    a = Tensor.randn(Shape.of(size, size), 1);
    b = Tensor.randn(Shape.of(size, size), 2);
  }

  /** [size, size] · [size, size]. */
  @Benchmark
  public void matmul(Rates.Flops rate) {
    run(new Product.MatMul(false, false), a, b);
    rate.add(2.0 * size * size * size);
  }
}
