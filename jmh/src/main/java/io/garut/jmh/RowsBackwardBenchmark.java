package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Indexing;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What flows back along the rows of a matrix, at the shape of Pythia-160m. */
public class RowsBackwardBenchmark extends OnBackend {
  private static final int WIDTH = 768;
  private static final int VOCABULARY = 50304;

  /** Rows. */
  @Param("1024")
  public int tokens;

  private Tensor x;
  private Tensor weight;
  private Tensor dy;
  private Tensor logits;
  private Tensor labels;
  private Tensor losses;

  @Override
  protected void make() {
    x = Tensor.randn(Shape.of(tokens, WIDTH), 1);
    weight = Tensor.randn(Shape.of(WIDTH), 2);
    dy = Tensor.randn(Shape.of(tokens, WIDTH), 3);
    logits = Tensor.randn(Shape.of(tokens, VOCABULARY), 4);
    losses = Tensor.randn(Shape.of(tokens), 5);
    int[] ids = new int[tokens];
    for (int t = 0; t < tokens; t++) {
      ids[t] = (int) (t * 7919L % VOCABULARY);
    }
    labels = Tensor.of(ids);
  }

  /** Of layer norm: x and dy read, dx written. */
  @Benchmark
  public void layerNorm(Rates.Bytes rate) {
    run(new Backward.LayerNorm(1e-5), x, weight, dy);
    rate.add(12L * tokens * WIDTH);
  }

  /** Of cross-entropy: logits read, their gradient written. */
  @Benchmark
  public void crossEntropy(Rates.Bytes rate) {
    run(new Backward.CrossEntropy(), logits, labels, losses);
    rate.add(8L * tokens * VOCABULARY);
  }

  /** Of the embedding: the rows read, the table's gradient written, which is zeros for the most part. */
  @Benchmark
  public void embedding(Rates.Bytes rate) {
    run(new Indexing.SegmentSum(0, VOCABULARY), dy, labels);
    rate.add(4L * (tokens + VOCABULARY) * WIDTH);
  }
}
