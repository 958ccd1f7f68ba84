package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Pointwise;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Non-linearities by themselves; inside a linear layer they cost less, since the element is at hand. */
public class ActivationBenchmark extends OnBackend {
  /** Which. */
  @Param({"GELU", "GELU_TANH", "SILU", "TANH", "RELU"})
  public Activation activation;

  /** Elements: a prompt of 128 tokens in the feed-forward part of Pythia-160m. */
  @Param("393216")
  public int size;

  private Tensor x;

  @Override
  protected void make() {
    x = Tensor.randn(Shape.of(size), 1);
  }

  /** Of every element. */
  @Benchmark
  public void activate(Rates.Elements rate) {
    run(new Pointwise.Activate(activation), x);
    rate.add(size);
  }
}
