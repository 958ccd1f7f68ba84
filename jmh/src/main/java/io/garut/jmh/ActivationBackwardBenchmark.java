package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What flows back through a non-linearity. */
public class ActivationBackwardBenchmark extends OnBackend {
  /** Which. */
  @Param({"GELU", "GELU_TANH", "SILU", "TANH", "RELU"})
  public Activation activation;

  /** Elements: 1024 tokens in the feed-forward part of Pythia-160m. */
  @Param("3145728")
  public int size;

  private Tensor x;
  private Tensor dy;

  @Override
  protected void make() {
    x = Tensor.randn(Shape.of(size), 1);
    dy = Tensor.randn(Shape.of(size), 2);
  }

  /** dy · f′(x): two elements read and one written. */
  @Benchmark
  public void activate(Rates.Bytes rate) {
    run(new Backward.Activate(activation), x, dy);
    rate.add(12L * size);
  }
}
