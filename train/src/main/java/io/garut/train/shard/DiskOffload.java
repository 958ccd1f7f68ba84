package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.DiskSpace;
import io.garut.tensor.spi.HostStorage;
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
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Memory in a file on a disk, mapped: the system brings pages in as they are read, and writes those back that were changed.
 * What is expected next is read by a thread of its own while something else computes.
 *
 * <p>The file has no name any more once it is open, so that nothing of it is left behind by a process that dies. All of it is
 * written at once in the beginning: a disk that is full says so then, and not by a fault in the middle of a step.
 */
public final class DiskOffload implements Offload, AutoCloseable {
  private static final long PAGE = 1 << 16; // a multiple of every system's
  private static final int PIECE = 1 << 22;

  private final Path folder;
  private final FileChannel file;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("garut-offload").factory());
  private long used;

  /**
   * Takes {@code bytes} on the disk of {@code folder}, or a little more.
   *
   * @param tensors among which they are divided
   * @throws CheckpointException if the disk has no room, or cannot be written
   */
  public DiskOffload(Path folder, long bytes, int tensors) throws CheckpointException {
    this.folder = folder;
    long room = bytes + tensors * PAGE;
    Path path = folder.resolve("offload.bin");
    DiskSpace.require(path, room);
    try {
      path = Files.createTempFile(folder, ".offload-", ".bin");
      file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failed(e);
    }
    try {
      fill(room);
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
    for (long at = 0; at < bytes; ) {
      zeros.clear().limit((int) Math.min(PIECE, bytes - at));
      at += file.write(zeros, at);
    }
  }

  @Override
  public void move(Tensor tensor) {
    long bytes = tensor.spec().bytes();
    MemorySegment place;
    Arena arena = Arena.ofShared();
    try {
      if (used + bytes > file.size()) {
        throw new IllegalStateException("more is off-loaded than there was said to be");
      }
      place = file.map(FileChannel.MapMode.READ_WRITE, used, bytes, arena);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException(e);
    }
    used += Math.ceilDiv(bytes, PAGE) * PAGE;
    place.copyFrom(tensor.segment());
    tensor.relocate(HostStorage.of(place, arena::close));
    place.unload();
  }

  @Override
  public void expect(List<Tensor> tensors) {
    List<Tensor> held = tensors.stream().map(tensor -> tensor.detach().keep()).toList();
    reader.execute(() -> held.forEach(tensor -> {
      tensor.segment().load();
      tensor.close();
    }));
  }

  @Override
  public void done(List<Tensor> tensors) {
    tensors.forEach(tensor -> tensor.segment().unload());
  }

  /** Gives the disk back; what was moved stays valid until it is closed. */
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
