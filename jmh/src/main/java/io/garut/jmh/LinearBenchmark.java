package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Linear layers with prepared weights at the shapes of Pythia-160m, 410m and 1.4b: where a prompt spends its time. */
public class LinearBenchmark extends OnBackend {
  /** Features in and out: the first matrix of the feed-forward part. */
  @Param({"768x3072", "1024x4096", "2048x8192"})
  public String shape;

  /** Tokens at a time. */
  @Param({"1", "8", "32", "128"})
  public int tokens;

  /** Of the weight. */
  @Param({"F32", "Q8_0"})
  public DType dtype;

  private int in;
  private int out;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;

  @Override
  protected void make() {
    int times = shape.indexOf('x');
    in = Integer.parseInt(shape.substring(0, times));
    out = Integer.parseInt(shape.substring(times + 1));
    x = Tensor.randn(Shape.of(tokens, in), 1);
    weight = Weights.prepared(dtype, out, in);
    bias = Tensor.randn(Shape.of(out), 2);
  }

  /** [tokens, in] · [out, in]ᵀ + [out]. */
  @Benchmark
  public void linear(Rates.Flops rate) {
    run(new Product.Linear(Activation.IDENTITY), x, weight, bias);
    rate.add(2.0 * tokens * in * out);
  }
}
