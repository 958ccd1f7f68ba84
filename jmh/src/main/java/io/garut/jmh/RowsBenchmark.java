package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Reduction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What goes along the rows of a matrix: softmax and layer norm. */
public class RowsBenchmark extends OnBackend {
  /** Rows and columns: one token, a prompt, and the logits of some tokens. */
  @Param({"1x768", "128x768", "8x50304"})
  public String shape;

  private long elements;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;

  @Override
  protected void make() {
    int times = shape.indexOf('x');
    long rows = Long.parseLong(shape.substring(0, times));
    long columns = Long.parseLong(shape.substring(times + 1));
    elements = rows * columns;
    x = Tensor.randn(Shape.of(rows, columns), 1);
    weight = Tensor.randn(Shape.of(columns), 2);
    bias = Tensor.randn(Shape.of(columns), 3);
  }

  /** exp(x − max)/Σ. */
  @Benchmark
  public void softmax(Rates.Elements rate) {
    run(new Reduction.Softmax(-1, false), x);
    rate.add(elements);
  }

  /** (x − mean)/√(variance + ε)·weight + bias. */
  @Benchmark
  public void layerNorm(Rates.Elements rate) {
    run(new Layer.LayerNorm(1e-5), x, weight, bias);
    rate.add(elements);
  }
}
