package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.DiskSpace;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import io.garut.train.optim.Offload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Memory in a file on a disk, mapped: the system brings pages in as they are read, and writes those back that were changed.
 * What is expected next is read by a thread of its own while something else computes.
 *
 * <p>The file has no name any more once it is open, so that nothing of it is left behind by a process that dies. What is said
 * to be needed is written at once in the beginning: a disk that is full says so then, and not by a fault in the middle of a
 * step. Memory that is let go serves again.
 */
public final class DiskOffload implements Offload {
  private static final long PAGE = 1 << 16; // a multiple of every system's
  private static final int PIECE = 1 << 22;

  private final Path folder;
  private final FileChannel file;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("garut-offload").factory());
  private final Set<Storage> here = ConcurrentHashMap.newKeySet();
  private final Map<Long, Deque<Long>> free = new HashMap<>(); // places by their size
  private long used;
  private long filled;

  /**
   * Takes {@code bytes} on the disk of {@code folder}; more is taken as it is needed.
   *
   * @throws CheckpointException if the disk has no room, or cannot be written
   */
  public DiskOffload(Path folder, long bytes) throws CheckpointException {
    this.folder = folder;
    Path path = folder.resolve("offload.bin");
    DiskSpace.require(path, bytes);
    try {
      path = Files.createTempFile(folder, ".offload-", ".bin");
      file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failed(e);
    }
    try {
      fill(bytes);
    } catch (IOException e) {
      close();
      throw failed(e);
    }
  }

  private CheckpointException failed(IOException e) {
    return new CheckpointWriteException(
        folder, "cannot hold what is off-loaded (" + e.getMessage() + ")", "make room, or name a folder on another disk", e);
  }

  private void fill(long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
    while (filled < bytes) {
      zeros.clear().limit((int) Math.min(PIECE, bytes - filled));
      filled += file.write(zeros, filled);
    }
  }

  @Override
  public HostStorage allocate(Spec spec) {
    long bytes = spec.bytes();
    long room = Math.ceilDiv(bytes, PAGE) * PAGE;
    Arena arena = Arena.ofShared();
    try {
      long at = place(room);
      MemorySegment segment = file.map(FileChannel.MapMode.READ_WRITE, at, bytes, arena);
      HostStorage[] storage = new HostStorage[1];
      storage[0] = HostStorage.of(segment, () -> {
        here.remove(storage[0]);
        arena.close();
        giveBack(at, room);
      });
      here.add(storage[0]);
      return storage[0];
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException(failed(e));
    }
  }

  private synchronized long place(long room) throws IOException {
    Deque<Long> places = free.get(room);
    if (places != null && !places.isEmpty()) {
      return places.pop();
    }
    fill(used + room);
    used += room;
    return used - room;
  }

  private synchronized void giveBack(long at, long room) {
    free.computeIfAbsent(room, size -> new ArrayDeque<>()).push(at);
  }

  @Override
  public void move(Tensor tensor) {
    HostStorage storage = allocate(tensor.spec());
    storage.segment().copyFrom(tensor.segment());
    tensor.relocate(storage);
    storage.segment().unload();
  }

  /** What it takes on the disk. */
  public synchronized long bytes() {
    return filled;
  }

  private boolean isHere(Tensor tensor) {
    return here.contains(tensor.storage());
  }

  @Override
  public void expect(List<Tensor> tensors) {
    List<Tensor> held = tensors.stream().filter(this::isHere).map(tensor -> tensor.detach().keep()).toList();
    reader.execute(() -> held.forEach(tensor -> {
      tensor.segment().load();
      tensor.close();
    }));
  }

  @Override
  public void done(List<Tensor> tensors) {
    tensors.stream().filter(this::isHere).forEach(tensor -> tensor.segment().unload());
  }

  @Override
  public void close() {
    reader.shutdown();
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
