package io.garut.tensor.spi;

import io.garut.tensor.op.Spec;
import java.lang.foreign.MemorySegment;
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

  /** Whether {@link #segment} gives the elements: not of weights that were packed, or that lie elsewhere for the time being. */
  public boolean isPlain() {
    return false;
  }

  /**
   * Row-major elements in memory of the host, to be read and written while this storage is live. A storage that has them on a
   * device brings them here, and takes what was written back with the next operation that needs it there.
   *
   * @throws IllegalStateException if it is not {@linkplain #isPlain plain}
   */
  public MemorySegment segment() {
    throw new IllegalStateException("storage of " + device() + " has no plain elements");
  }

  /**
   * The elements on the host, to be read: of {@linkplain #isPlain plain} storage all of them, in this storage itself with one
   * more holder where they are there already; of other storage a plain row-major copy of those of a tensor {@code spec}. The
   * caller releases it.
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
