package io.garut.transformer.convert;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
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
    checkKind(target);
  }

  /**
   * The same for a model that is in memory.
   *
   * @throws CheckpointException if not
   */
  static void checkFolder(Path target, boolean overwrite) throws CheckpointException {
    if (!isFree(target)) {
      checkAllowed(target, overwrite);
    }
    checkKind(target);
  }

  private static void checkKind(Path target) throws CheckpointException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new CheckpointWriteException(target, "is a file, and a folder is to be written", "name a folder");
    }
  }

  private static void check(Path target, ModelFiles model, boolean overwrite) throws CheckpointException {
    if (isFree(target)) {
      return;
    }
    try {
      if (Files.isSameFile(target, model.checkpoint().source()) || Files.isSameFile(target, model.folder())) {
        throw new CheckpointWriteException(target, "is the model itself", "choose another name");
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(target, e);
    }
    checkAllowed(target, overwrite);
  }

  private static boolean isFree(Path target) throws CheckpointException {
    try {
      return !Files.exists(target) || Files.isDirectory(target) && isEmpty(target);
    } catch (IOException e) {
      throw unreadable(target, e);
    }
  }

  private static CheckpointException unreadable(Path target, IOException e) {
    return new CheckpointWriteException(target, "cannot be looked at (" + e + ")", "choose another name", e);
  }

  private static void checkAllowed(Path target, boolean overwrite) throws CheckpointException {
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
}
