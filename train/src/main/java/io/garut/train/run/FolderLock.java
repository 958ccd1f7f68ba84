package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.file.FileBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a folder for one run. The system takes the lock back when the process ends, however it ends. */
final class FolderLock implements AutoCloseable {
  static final String NAME = ".lock";

  /** Beyond the text: some systems let nobody read what is locked. */
  private static final long LOCKED_BYTE = 1L << 30;

  private static final int LONGEST_TEXT = 40;

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes {@code folder}, which is made if need be.
   *
   * @throws CheckpointException if another run has it, or it cannot be written to
   */
  static FolderLock take(Path folder) throws CheckpointException {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (!lock(channel)) {
          throw new CheckpointWriteException(
              folder, "belongs to a run that is going on (" + read(channel) + ")", "wait for its end, or name another");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(("process " + ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)), 0);
        return new FolderLock(channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointWriteException(
          folder, "cannot be taken for a run (" + e.getClass().getSimpleName() + ": " + FileBytes.describe(e) + ")",
          "choose a folder that can be written to", e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      return lock != null; // it lives as long as the channel
    } catch (OverlappingFileLockException e) {
      return false; // another run of this process
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(LONGEST_TEXT);
    channel.read(text, 0);
    return StandardCharsets.UTF_8.decode(text.flip()).toString();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot let go of a run's folder", e);
    }
  }
}
