package io.garut.transformer.convert;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Looks at the place where a model is to be written, before anything is. */
final class Target {

  private Target() {}

  /**
   * Checks that a file can be written at {@code target}: it is free, or may be overwritten, and is not the model
   * itself.
   *
   * @throws CheckpointException if not
   */
  static void checkFile(Path target, ModelFiles model, boolean overwrite) throws CheckpointException {
    check(target, model, overwrite);
    if (Files.isDirectory(target)) {
      throw new CheckpointWriteException(target, "is a folder, and a file is to be written", "name a file");
    }
  }

  /**
   * Checks that a folder can be written at {@code target}: it is free, or may be overwritten, and is not the model
   * itself.
   *
   * @throws CheckpointException if not
   */
  static void checkFolder(Path target, ModelFiles model, boolean overwrite) throws CheckpointException {
    check(target, model, overwrite);
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new CheckpointWriteException(target, "is a file, and a folder is to be written", "name a folder");
    }
  }

  private static void check(Path target, ModelFiles model, boolean overwrite) throws CheckpointException {
    try {
      if (!Files.exists(target) || Files.isDirectory(target) && isEmpty(target)) {
        return;
      }
      if (Files.isSameFile(target, model.checkpoint().source()) || Files.isSameFile(target, model.folder())) {
        throw new CheckpointWriteException(target, "is the model itself", "choose another name");
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointWriteException(target, "cannot be looked at (" + e + ")", "choose another name", e);
    }
    if (!overwrite) {
      throw new CheckpointWriteException(
          target,
          "is there already",
          "choose another name, or let it be overwritten (--force)",
          new FileAlreadyExistsException(target.toString()));
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /**
   * Checks that there is room: better now than after half an hour.
   *
   * @throws CheckpointException if not
   */
  static void checkSpace(Path target, long bytes) throws CheckpointException {
    Path place = target.toAbsolutePath().getParent();
    while (place != null && !Files.exists(place)) {
      place = place.getParent();
    }
    if (place == null) {
      return;
    }
    try {
      FileStore disk = Files.getFileStore(place);
      long free = disk.getUsableSpace();
      if (free < bytes && disk.getTotalSpace() > 0) { // a file system without size, as /proc, refuses in its own words
        throw new CheckpointWriteException(
          target,
          "takes " + bytes + " bytes, and " + free + " are free on its disk",
            "free some, or choose another disk",
            new IOException("not enough space"));
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointWriteException(target, "its disk does not answer (" + e + ")", "choose another", e);
    }
  }
}
