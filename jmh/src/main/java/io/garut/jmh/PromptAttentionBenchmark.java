package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Causal attention among the tokens of a prompt, at the shape of Pythia-160m. */
public class PromptAttentionBenchmark extends OnBackend {
  private static final int HEADS = 12;
  private static final int HEAD_SIZE = 64;

  /** The prompt's length. */
  @Param({"128", "512", "2048"})
  public int tokens;

  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor starts;

  @Override
  protected void make() {
    Shape shape = Shape.of(tokens, HEADS, HEAD_SIZE);
    q = Tensor.randn(shape, 1);
    k = Tensor.randn(shape, 2);
    v = Tensor.randn(shape, 3);
    starts = Tensor.zeros(DType.I32, tokens);
  }

  /** softmax(q·kᵀ/8)·v; what the mask hides is not counted. */
  @Benchmark
  public void attention(Rates.Flops rate) {
    run(new Layer.Attention((float) (1 / Math.sqrt(HEAD_SIZE))), q, k, v, starts);
    rate.add(2.0 * tokens * (tokens + 1) * HEADS * HEAD_SIZE);
  }
}
