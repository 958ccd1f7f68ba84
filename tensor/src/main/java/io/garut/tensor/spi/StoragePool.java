package io.garut.tensor.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Host memory by size, used again instead of given back: a fresh buffer costs 2.5 to 8 times a pooled one. Safe for any
 * number of threads.
 *
 * <p>Sizes are rounded up to an eighth of a power of two, so at most 12.5 % is wasted. Contents of a pooled buffer are
 * undefined. A closed pool frees its idle buffers; those in use follow when they are released.
 *
 * <p>A tensor that nobody closes is freed by a cleaner, thus when the garbage collector runs; but a few small objects on the
 * heap are no reason for it to run, however much memory they hold off the heap. The pool therefore asks for a collection
 * when twice as much is in use as after the last one (and at least 512 MiB). Idle buffers of other sizes make room for a
 * fresh one where the pool would otherwise hold twice the most that was ever in use (and more than 512 MiB).
 */
public final class StoragePool implements AutoCloseable {
  private static final long SMALLEST = 64;
  private static final long COLLECT_AT_LEAST = 512L << 20;
  private static final int COLLECTION_MS = 500;
  private static final int CLEANER_MS = 2;
  private static final int ROUNDS_BEFORE = 50;
  private static final int ROUNDS_WITHIN = 10;

  private final Map<Long, ArrayDeque<Block>> idle = new HashMap<>();
  private long idleBytes;
  private long bytes;
  private long allocations;
  private final long least;
  private final boolean keepsAll;
  private long limit;
  private long peak;
  private boolean collecting;
  private boolean closed;

  private record Block(Arena arena, MemorySegment segment) {}

  /** Creates an empty pool. */
  public StoragePool() {
    this(COLLECT_AT_LEAST, false);
  }

  /**
   * Creates an empty pool.
   *
   * @param least bytes up to which it neither asks for a collection nor makes room
   * @param keepsAll whether idle buffers stay until it is closed
   */
  StoragePool(long least, boolean keepsAll) {
    this.least = least;
    this.limit = least;
    this.keepsAll = keepsAll;
  }

  /** A pool for a recording: idle buffers stay until it is closed, for kernels that run again write to their addresses. */
  static StoragePool ofRecording() {
    return new StoragePool(COLLECT_AT_LEAST, true);
  }

  /**
   * A buffer of at least {@code bytes}, aligned to {@link HostStorage#ALIGNMENT}, that returns here when it is freed.
   *
   * @throws OutOfMemoryError if the system has no more, saying how much this pool holds
   */
  public HostStorage allocate(long bytes) {
    long size = rounded(bytes);
    Block block = take(size);
    if (block == null) {
      block = fresh(size);
    }
    Block taken = block;
    return HostStorage.of(taken.segment.asSlice(0, Math.max(bytes, 1)), () -> giveBack(size, taken));
  }

  /** An idle buffer, or null. */
  private synchronized Block take(long size) {
    if (closed) {
      throw new IllegalStateException("the storage pool has been closed");
    }
    ArrayDeque<Block> blocks = idle.get(size);
    Block block = blocks == null ? null : blocks.pollLast();
    if (block != null) {
      idleBytes -= size;
      peak = Math.max(peak, bytes - idleBytes);
    }
    return block;
  }

  private Block fresh(long size) {
    if (collectionIsDue(size)) {
      collect();
      Block found = take(size);
      if (found != null) {
        return found;
      }
    }
    makeRoom(size);
    try {
      return fromSystem(size);
    } catch (OutOfMemoryError first) {
      trim();
      try {
        return fromSystem(size);
      } catch (OutOfMemoryError second) {
        String message = "no " + size + " bytes off the heap beside the " + bytes() + " that tensors of this pool hold;"
            + " close some, or open a TensorScope around the work that makes them";
        throw (OutOfMemoryError) new OutOfMemoryError(message).initCause(second);
      }
    }
  }

  private Block fromSystem(long size) {
    Arena arena = Arena.ofShared();
    try {
      Block block = new Block(arena, arena.allocate(size, HostStorage.ALIGNMENT));
      synchronized (this) {
        bytes += size;
        peak = Math.max(peak, bytes - idleBytes);
        allocations++;
      }
      return block;
    } catch (OutOfMemoryError e) {
      arena.close();
      throw e;
    }
  }

  private synchronized boolean collectionIsDue(long size) {
    boolean due = !keepsAll && !collecting && bytes - idleBytes + size > limit;
    collecting |= due;
    return due;
  }

  /** Has unreachable tensors found and their memory freed. */
  private void collect() {
    try {
      ReferenceQueue<Object> found = new ReferenceQueue<>();
      PhantomReference<Object> probe = new PhantomReference<>(new Object(), found);
      System.gc();
      boolean ran = found.remove(COLLECTION_MS) == probe; // null where explicit collections are turned off
      long start = inUse();
      // the cleaner's thread may have to wait for a processor before it begins, and now and then afterwards
      for (int quiet = 0; ran && quiet < (inUse() < start ? ROUNDS_WITHIN : ROUNDS_BEFORE); ) {
        long before = inUse();
        Thread.sleep(CLEANER_MS);
        quiet = before == inUse() ? quiet + 1 : 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the caller's business; the memory comes later
    } finally {
      collected();
    }
  }

  private synchronized void collected() {
    collecting = false;
    limit = Math.max(least, 2 * (bytes - idleBytes));
  }

  /** Gives idle buffers, which are of other sizes, back to the system if there would be too many. */
  private synchronized void makeRoom(long size) {
    if (bytes + size > Math.max(least, 2 * peak)) {
      trim();
    }
  }

  /** The most bytes that were in use at once since {@link #forgetPeak}, or ever. */
  public synchronized long peak() {
    return peak;
  }

  /** Begins to look for the {@link #peak} anew. */
  public synchronized void forgetPeak() {
    peak = bytes - idleBytes;
  }

  private synchronized long inUse() {
    return bytes - idleBytes;
  }

  private void giveBack(long size, Block block) {
    synchronized (this) {
      if (!closed) {
        idle.computeIfAbsent(size, s -> new ArrayDeque<>()).addLast(block);
        idleBytes += size;
        return;
      }
      bytes -= size;
    }
    block.arena.close();
  }

  /** How often memory had to be taken from the system; it stands still in steady state. */
  public synchronized long allocations() {
    return allocations;
  }

  /** Bytes taken from the system: in use, or ready for use. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Bytes that lie ready for use. */
  public synchronized long idleBytes() {
    return idleBytes;
  }

  /** Gives all idle buffers back to the system; a recording's pool does so only when it is closed. */
  public synchronized void trim() {
    if (keepsAll && !closed) {
      return;
    }
    idle.values().forEach(blocks -> blocks.forEach(block -> block.arena.close()));
    idle.clear();
    bytes -= idleBytes;
    idleBytes = 0;
  }

  @Override
  public synchronized void close() {
    closed = true;
    trim();
  }

  private static long rounded(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) >>> 3);
    return Math.ceilDiv(bytes, step) * step;
  }
}
