package io.garut.tensor.io.file;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that appears whole or not at all: it is written under another name beside its place, and renamed once it is on
 * the disk. Closed without {@link #commit}, or after a failure, it leaves nothing behind, and what was there before
 * stays.
 */
public final class AtomicFile implements AutoCloseable {
  /** Written at a time: large enough for the disk, and a multiple of any page. */
  private static final long PIECE = 16 << 20;

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private long size;
  private boolean done;
  private boolean givenUp;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Begins {@code target}, whose folder is made if need be.
   *
   * @throws CheckpointException if the folder cannot be written to
   */
  public static AtomicFile create(Path target) throws CheckpointException {
    String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = target.resolveSibling("." + target.getFileName() + "." + suffix + ".part");
    try {
      if (Files.isDirectory(target)) {
        throw new CheckpointWriteException(target, "there is a folder of this name", "name a file");
      }
      if (target.toAbsolutePath().getParent() != null) {
        Files.createDirectories(target.toAbsolutePath().getParent());
      }
      FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new AtomicFile(target, temporary, channel);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointWriteException(
          target, FileBytes.describe(e), "choose a folder that can be written to", e);
    }
  }

  /** Where the file will lie. */
  public Path target() {
    return target;
  }

  /**
   * Writes {@code bytes} at {@code offset}. What is never written is zero.
   *
   * @throws CheckpointException if the disk is full or fails; the file is then given up
   */
  public void write(long offset, byte[] bytes) throws CheckpointException {
    write(offset, MemorySegment.ofArray(bytes));
  }

  /** Writes the bytes of {@code data} at {@code offset}. See {@link #write(long, byte[])}. */
  public void write(long offset, MemorySegment data) throws CheckpointException {
    try {
      for (long done = 0; done < data.byteSize(); done += PIECE) {
        ByteBuffer piece = data.asSlice(done, Math.min(PIECE, data.byteSize() - done)).asByteBuffer();
        long at = offset + done;
        while (piece.hasRemaining()) {
          at += channel.write(piece, at);
        }
      }
    } catch (IOException e) {
      throw giveUp(e, offset + data.byteSize());
    }
  }

  /**
   * Brings the bytes to the disk; nothing can be written afterwards.
   *
   * @throws CheckpointException if that fails; the file is then given up
   */
  public void settle() throws CheckpointException {
    if (!channel.isOpen()) {
      return;
    }
    try {
      size = channel.size();
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw giveUp(e, size);
    }
  }

  /**
   * Makes the file appear, once its bytes are on the disk.
   *
   * @throws CheckpointException if that fails; the file is then given up
   */
  public void commit() throws CheckpointException {
    settle();
    try {
      move(size);
      done = true;
    } catch (IOException e) {
      throw giveUp(e, size);
    }
    syncFolder();
  }

  /** Removes the file, whether it has appeared or not. */
  public void withdraw() {
    boolean appeared = done && !givenUp;
    close();
    if (appeared) {
      delete(target);
    }
  }

  private void move(long size) throws IOException {
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot rename " + size + " bytes in one step", e);
    }
  }

  private void syncFolder() throws CheckpointException {
    try {
      syncFolder(target.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new CheckpointWriteException(
          target, "is whole, but may be gone after a power failure: " + FileBytes.describe(e), "check the disk", e);
    }
  }

  /**
   * Brings the names of the files in {@code folder} to the disk, so that they survive a power failure. Not every system
   * opens folders; there a rename is durable by itself.
   *
   * @throws IOException if the disk fails
   */
  public static void syncFolder(Path folder) throws IOException {
    FileChannel handle;
    try {
      handle = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      return;
    }
    try (handle) {
      handle.force(true);
    }
  }

  private CheckpointException giveUp(IOException e, long size) {
    CheckpointException failure =
        new CheckpointWriteException(
            target,
            FileBytes.describe(e),
            "make sure that its disk works and has room for " + size + " bytes, or choose another",
            e);
    try {
      close();
    } catch (UncheckedIOException left) {
      failure.addSuppressed(left);
    }
    return failure;
  }

  /** Removes what was written, unless it was committed. */
  @Override
  public void close() {
    if (done) {
      return;
    }
    done = true;
    givenUp = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + temporary, e);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }
}
