package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A linear layer in training: 1024 tokens of 768 features, a weight that changes and so is packed at every call. */
public class TrainingProductBenchmark extends OnBackend {
  private static final int TOKENS = 1024;
  private static final int WIDTH = 768;

  /** Features that come out: of the feed-forward part of Pythia-160m, and its logits. */
  @Param({"3072", "50304"})
  public int results;

  private Tensor x;
  private Tensor weight;
  private Tensor dy;

  @Override
  protected void make() {
    x = Tensor.randn(Shape.of(TOKENS, WIDTH), 1);
    weight = Tensor.randn(Shape.of(results, WIDTH), 2);
    dy = Tensor.randn(Shape.of(TOKENS, results), 3);
  }

  private double flops() {
    return 2.0 * TOKENS * WIDTH * results;
  }

  /** x·Wᵀ. */
  @Benchmark
  public void forward(Rates.Flops rate) {
    run(new Product.Linear(Activation.IDENTITY), x, weight);
    rate.add(flops());
  }

  /** dy·W, what flows back to x. */
  @Benchmark
  public void toInput(Rates.Flops rate) {
    run(new Product.MatMul(false, false), dy, weight);
    rate.add(flops());
  }

  /** dyᵀ·x, what flows back to the weight. */
  @Benchmark
  public void toWeight(Rates.Flops rate) {
    run(new Product.MatMul(true, false), dy, x);
    rate.add(flops());
  }
}
