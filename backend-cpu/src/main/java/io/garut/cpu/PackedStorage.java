package io.garut.cpu;

import io.garut.cpu.matmul.PackedWeights;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;

/** A prepared weight [N, K] in the panels that the matrix kernels read. Its bits can be read back. */
public final class PackedStorage extends Storage {
  private final WorkerPool pool;
  private final PackedWeights weights;

  /** Takes over {@code weights}; {@code pool} unpacks them. */
  public PackedStorage(WorkerPool pool, PackedWeights weights) {
    this.pool = pool;
    this.weights = weights;
  }

  /** The panels, valid while this storage is live. */
  public PackedWeights weights() {
    return weights;
  }

  @Override
  public String device() {
    return "host, packed for linear layers";
  }

  @Override
  public long byteSize() {
    return weights.bytes();
  }

  @Override
  public HostStorage toHost(Spec spec) {
    HostStorage plain = HostStorage.allocate(spec.bytes());
    weights.unpack(pool, plain.address());
    return plain;
  }

  @Override
  protected void free() {
    weights.close();
  }
}
