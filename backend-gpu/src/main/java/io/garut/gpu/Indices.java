package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Indices, I32 or I64, which kernels follow blindly: the host looks at them before every run. */
final class Indices {
  private final Op op;
  private final Spec spec;
  private final Storage storage;
  private final long offset;

  Indices(Op op, Tensor indices) {
    this.op = op;
    spec = indices.spec();
    storage = indices.storage();
    offset = indices.byteOffset();
  }

  /** What they are now. */
  long[] read() {
    HostStorage host = storage.toHost(spec);
    try {
      MemorySegment segment = host.segment().asSlice(offset, spec.bytes());
      if (spec.dtype() == DType.I64) {
        return segment.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
      }
      int[] small = segment.toArray(ValueLayout.JAVA_INT_UNALIGNED);
      long[] all = new long[small.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = small[i];
      }
      return all;
    } finally {
      host.release();
    }
  }

  /**
   * Checks that each is from 0 to {@code length} − 1.
   *
   * @throws IndexOutOfBoundsException saying which operation, {@code what} and how long
   */
  long[] check(String what, long length) {
    long[] all = read();
    for (long index : all) {
      check(what, index, length);
    }
    return all;
  }

  /** The same of one. */
  void check(String what, long index, long length) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(op.name() + ": " + what + " " + index + " is not from 0 to " + (length - 1));
    }
  }
}
