package io.garut.tensor.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The bytes of one tensor: the file itself mapped into memory, or a copy where the file's layout cannot be used in
 * place.
 *
 * <p>Its lifetime is its own. It stays valid after the {@link Checkpoint} is closed, and closing it leaves the others
 * of the same file alone. Pages come from the file as they are touched and cost no memory that the system could not
 * take back.
 *
 * <p>The file must not be cut or written to meanwhile. That all entries lie inside it is checked when a checkpoint is
 * opened, and again when a tensor is mapped; what becomes of it later nobody can check before each access. Reading a
 * page that is gone is an {@link InternalError} in Java code and a crash in a vector kernel (SIGBUS); other bytes are
 * read as other weights. A file is safely replaced by renaming a new one over it, as {@link CheckpointWriter} does: what is
 * mapped stays what it was.
 */
public final class Mapped implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment segment;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** A {@code segment} that lives until {@code arena}, which any thread may close, is closed by {@link #close}. */
  public Mapped(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment.asReadOnly();
  }

  /**
   * The tensor's elements, little-endian, row-major, read-only; the address is a multiple of the element's size (of 2
   * for block formats).
   */
  public MemorySegment segment() {
    return segment;
  }

  /**
   * Lets the memory go. Reading the segment afterwards is an {@link IllegalStateException}. Closing again does nothing.
   */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      arena.close();
    }
  }
}
