package io.garut.jmh;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What flows back through causal attention among the tokens of records, at the shape of Pythia-160m. */
public class AttentionBackwardBenchmark extends OnBackend {
  private static final int HEADS = 12;
  private static final int HEAD_SIZE = 64;

  /** Records and the tokens of each. */
  @Param({"4x256", "1x2048", "54x19"})
  public String records;

  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor dy;
  private Tensor starts;
  private double pairs;

  @Override
  protected void make() {
    int times = records.indexOf('x');
    int count = Integer.parseInt(records.substring(0, times));
    int length = Integer.parseInt(records.substring(times + 1));
    int[] firsts = new int[count * length];
    for (int t = 0; t < firsts.length; t++) {
      firsts[t] = t / length * length;
    }
    Shape shape = Shape.of(firsts.length, HEADS, HEAD_SIZE);
    q = Tensor.randn(shape, 1);
    k = Tensor.randn(shape, 2);
    v = Tensor.randn(shape, 3);
    dy = Tensor.randn(shape, 4);
    starts = Tensor.of(firsts);
    pairs = count * (length * (length + 1.0) / 2);
  }

  /** Five products of what the mask leaves; the exponentials are not counted. */
  @Benchmark
  public void attention(Rates.Flops rate) {
    run(new Backward.Attention((float) (1 / Math.sqrt(HEAD_SIZE))), q, k, v, starts, dy);
    rate.add(5 * 2 * pairs * HEADS * HEAD_SIZE);
  }
}
