package io.garut.tensor.spi;

import io.garut.tensor.op.Spec;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that holds a tensor's elements, counted by the tensors that share it and freed with the last of them. A fresh
 * one has one holder.
 */
public abstract class Storage {
  private final AtomicInteger holders = new AtomicInteger(1);

  /** For subclasses. */
  protected Storage() {}

  /** Where it is, as {@code host} or {@code gpu:0}. */
  public abstract String device();

  /** The bytes it takes. */
  public abstract long byteSize();

  /**
   * The elements of a tensor {@code spec} in this storage as a plain row-major copy on the host; this storage itself,
   * with one more holder, where it is that already. The caller releases it.
   */
  public abstract HostStorage toHost(Spec spec);

  /** Lets the memory go; called once. */
  protected abstract void free();

  /** Whether anyone holds it still. */
  public final boolean isLive() {
    return holders.get() > 0;
  }

  /**
   * Adds a holder.
   *
   * @throws IllegalStateException if the memory has gone
   */
  public final void retain() {
    if (holders.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
      throw new IllegalStateException("the storage of a closed tensor cannot be shared");
    }
  }

  /** Takes a holder away, and frees the memory with the last. */
  public final void release() {
    int before = holders.getAndUpdate(n -> n == 0 ? 0 : n - 1);
    if (before == 0) {
      throw new IllegalStateException("a storage was released more often than retained");
    }
    if (before == 1) {
      free();
    }
  }
}
