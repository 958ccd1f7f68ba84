package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * One token times a weight that no cache holds, in each type that models are kept in: the speed of decoding. Bytes are
 * those of the type as files have it, however the backend packs them.
 */
public class MatVecBenchmark extends OnBackend {
  /** Of the weight. */
  @Param({"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  public DType dtype;

  /** Features in; as many rows as fill {@link #megabytes}. */
  @Param("2048")
  public int features;

  /** The size of the weight in 2²⁰ bytes, beyond any cache. */
  @Param("256")
  public int megabytes;

  private Tensor x;
  private Tensor weight;
  private long bytes;

  @Override
  protected void make() {
    long rowBytes = dtype.bytes(features);
    long rows = ((long) megabytes << 20) / rowBytes;
    bytes = rows * rowBytes;
    x = Tensor.randn(Shape.of(1, features), 1);
    weight = Weights.prepared(dtype, rows, features);
  }

  /** [1, features] · [rows, features]ᵀ. */
  @Benchmark
  public void matvec(Rates.Bytes rate) {
    run(new Product.Linear(Activation.IDENTITY), x, weight);
    rate.add(bytes);
  }
}
