package io.garut.tensor.spi;

import io.garut.tensor.op.Spec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Plain, row-major, off-heap memory of this process: allocated, pooled or mapped from a file. */
public final class HostStorage extends Storage {
  /** Bytes to which allocations are aligned: a cache line, and the widest vector. */
  public static final long ALIGNMENT = 64;

  private final MemorySegment segment;
  private final Runnable onFree;

  private HostStorage(MemorySegment segment, Runnable onFree) {
    this.segment = segment;
    this.onFree = onFree;
  }

  /**
   * Memory owned by someone else, who learns through {@code onFree} that it is not needed any more. {@code segment}
   * must be native and stay alive until then.
   */
  public static HostStorage of(MemorySegment segment, Runnable onFree) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("a tensor's memory must be off-heap; copy the array with Tensor.of");
    }
    return new HostStorage(segment, Objects.requireNonNull(onFree, "onFree"));
  }

  /** Fresh zeroed memory of its own, given back to the system when freed. */
  public static HostStorage allocate(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      return new HostStorage(arena.allocate(Math.max(bytes, 1), ALIGNMENT), arena::close);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public boolean isPlain() {
    return true;
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  /** Its absolute address, for kernels. */
  public long address() {
    return segment.address();
  }

  @Override
  public String device() {
    return "host";
  }

  @Override
  public long byteSize() {
    return segment.byteSize();
  }

  @Override
  public HostStorage toHost(Spec spec) {
    retain();
    return this;
  }

  @Override
  protected void free() {
    onFree.run();
  }
}
