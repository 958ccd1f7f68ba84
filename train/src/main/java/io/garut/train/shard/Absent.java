package io.garut.train.shard;

import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;

/** The storage of a weight whose elements lie with all ranks, a part with each, while no region needs it. */
final class Absent extends Storage {
  @Override
  public String device() {
    return "other ranks; it is here only inside its region";
  }

  @Override
  public long byteSize() {
    return 0;
  }

  @Override
  public HostStorage toHost(Spec spec) {
    throw new IllegalStateException(spec + " lies in parts with all ranks; it is here only inside its region");
  }

  @Override
  protected void free() {}
}
