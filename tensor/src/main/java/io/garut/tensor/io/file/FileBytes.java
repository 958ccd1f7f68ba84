package io.garut.tensor.io.file;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Mapped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file open for reading at any place, by any thread. Small parts are read through the channel: unlike a mapping, that
 * notices when the file is cut meanwhile. Data are mapped.
 */
public final class FileBytes implements AutoCloseable {
  private static final String DAMAGED = "the file is damaged or not what it claims to be: get it again";

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private FileBytes(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens {@code path}.
   *
   * @throws CheckpointException if it is missing, no ordinary file, or not readable
   */
  public static FileBytes open(Path path) throws CheckpointException {
    if (!Files.exists(path)) {
      throw new CheckpointException(path, "opening", "there is no such file", "check the path");
    }
    if (!Files.isRegularFile(path)) { // opening a pipe would wait for a writer
      throw new CheckpointException(path, "opening", "it is not an ordinary file", "name a checkpoint file or folder");
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      try {
        return new FileBytes(path, channel, channel.size());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (AccessDeniedException e) {
      throw new CheckpointException(path, "opening", "access is denied", "make the file readable", e);
    } catch (IOException e) {
      throw new CheckpointException(path, "opening", describe(e), "check the file and its disk", e);
    }
  }

  /** Where the file lies. */
  public Path path() {
    return path;
  }

  /** The file's length when it was opened. */
  public long size() {
    return size;
  }

  /** An exception about {@code place}, for a file that contradicts its format. */
  public CheckpointException damaged(String place, String what) {
    return new CheckpointException(path, place, what, DAMAGED);
  }

  /** An exception about {@code place}, with a remedy of its own. */
  public CheckpointException refused(String place, String what, String remedy) {
    return new CheckpointException(path, place, what, remedy);
  }

  /**
   * Reads {@code length} bytes at {@code offset}.
   *
   * @param place what is read, for the message
   * @throws CheckpointException if the file ends before them, or cannot be read
   */
  public byte[] read(String place, long offset, int length) throws CheckpointException {
    checkInside(place, offset, length);
    byte[] bytes = new byte[length];
    read(place, offset, bytes, length);
    return bytes;
  }

  /** Reads into the first {@code length} of {@code bytes}. See {@link #read(String, long, int)}. */
  void read(String place, long offset, byte[] bytes, int length) throws CheckpointException {
    checkInside(place, offset, length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, offset + buffer.position()) < 0) {
          throw changed(place);
        }
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw failed(place, e);
    }
  }

  /**
   * Maps {@code length} bytes at {@code offset}; copies them where the offset is not a multiple of {@code alignment}, a
   * power of two.
   *
   * @throws CheckpointException if the file ends before them, or the system cannot map more
   */
  public Mapped map(String place, long offset, long length, int alignment) throws CheckpointException {
    Arena arena = Arena.ofShared(); // closed by whichever thread lets the tensor go
    try {
      if (length == 0) { // wherever that may be
        return new Mapped(arena, MemorySegment.NULL);
      }
      checkInside(place, offset, length);
      if (channel.size() < offset + length) {
        throw changed(place);
      }
      if (offset % alignment == 0) {
        return new Mapped(arena, channel.map(MapMode.READ_ONLY, offset, length, arena));
      }
      MemorySegment copy = arena.allocate(length, alignment);
      try (Arena original = Arena.ofConfined()) {
        copy(place, channel.map(MapMode.READ_ONLY, offset, length, original), copy);
      }
      return new Mapped(arena, copy);
    } catch (CheckpointException e) {
      arena.close();
      throw e;
    } catch (IOException e) {
      arena.close();
      throw failed(place, e);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new CheckpointException(
          path, place, "there is no memory for a copy of " + length + " bytes", "free some memory", e);
    }
  }

  private void copy(String place, MemorySegment from, MemorySegment to) throws CheckpointException {
    try {
      to.copyFrom(from);
    } catch (InternalError e) { // a page that is gone
      throw (CheckpointException) changed(place).initCause(e);
    }
  }

  /** The file has become shorter since it was opened. */
  public CheckpointException changed(String place) {
    return new CheckpointException(
        path, place, "the file was cut while it was read", "leave it alone while it is in use, and get it again");
  }

  private CheckpointException failed(String place, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new CheckpointException(path, place, describe(e), "open the file again", e);
    }
    if (e.getCause() instanceof OutOfMemoryError) {
      return new CheckpointException(
          path, place, "the system refuses another mapping", "close tensors, or raise its limit on mappings", e);
    }
    if (e instanceof ClosedChannelException) {
      return new CheckpointException(path, place, "the checkpoint is closed", "read before closing it", e);
    }
    return new CheckpointException(path, place, describe(e), "check the file and its disk", e);
  }

  private void checkInside(String place, long offset, long length) throws CheckpointException {
    if (offset < 0 || length < 0 || length > size || offset > size - length) {
      throw damaged(
          place, "needs " + length + " bytes at " + offset + ", but the file has " + size + " bytes (truncated?)");
    }
  }

  /** What an I/O error says, on one line. */
  public static String describe(IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return "the thread was interrupted";
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(new CheckpointException(path, "closing", describe(e), "check the disk", e));
    }
  }
}
