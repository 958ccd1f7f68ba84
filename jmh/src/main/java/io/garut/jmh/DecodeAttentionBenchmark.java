package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Attention of one new token to the cache, at the shape of Pythia-160m; a layer's cache lies within a CPU's L3. */
public class DecodeAttentionBenchmark extends OnBackend {
  private static final int HEADS = 12;
  private static final int HEAD_SIZE = 64;

  /** Tokens that it sees. */
  @Param({"128", "1024", "2048"})
  public int context;

  /** Of the cache. */
  @Param({"F32", "F16"})
  public DType dtype;

  private Tensor q;
  private Tensor keys;
  private Tensor values;
  private Tensor slot;
  private Tensor position;
  private long bytes;

  @Override
  protected void make() {
    Shape shape = Shape.of(1, HEADS, context, HEAD_SIZE);
    q = Tensor.randn(Shape.of(1, HEADS, HEAD_SIZE), 1);
    keys = Tensor.randn(shape, 2).cast(dtype);
    values = Tensor.randn(shape, 3).cast(dtype);
    slot = Tensor.of(new int[] {0});
    position = Tensor.of(new int[] {context - 1});
    bytes = 2 * dtype.bytes(shape.elements());
  }

  /** softmax(q·kᵀ/8)·v of one token. */
  @Benchmark
  public void attention(Rates.Bytes rate) {
    run(new Layer.CachedAttention((float) (1 / Math.sqrt(HEAD_SIZE))), q, keys, values, slot, position);
    rate.add(bytes);
  }
}
