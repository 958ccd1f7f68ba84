package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The ceiling of decoding: how fast memory is read by a kernel that hardly does anything else. */
public class BandwidthBenchmark extends OnBackend {
  private static final int COLUMNS = 1 << 14;

  /** The size of what is read, in 2²⁰ bytes; beyond any cache. */
  @Param("1024")
  public int megabytes;

  private Tensor x;

  @Override
  protected void make() {
    x = Tensor.ones(DType.F32, ((long) megabytes << 20) / Float.BYTES / COLUMNS, COLUMNS);
  }

  /** The sum of each row. */
  @Benchmark
  public void read(Rates.Bytes rate) {
    run(new Reduction.Reduce(Fold.SUM, List.of(1), false), x);
    rate.add(x.spec().bytes());
  }
}
