package io.garut.train.comm.socket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Folders of Unix sockets, which are their owner's only. */
final class Folders {
  private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

  private Folders() {}

  /** Makes {@code folder}, if it is not there, and returns it then; null if it was there, and is the owner's only. */
  static Path own(Path folder) throws IOException {
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!Files.exists(folder)) {
      return posix
          ? Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER))
          : Files.createDirectory(folder);
    }
    if (posix) {
      Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
      others.addAll(Files.getFileAttributeView(folder, PosixFileAttributeView.class).readAttributes().permissions());
      others.removeAll(OWNER);
      if (!others.isEmpty()) {
        throw new IOException(folder + " is open to others (" + others + "): name a folder that is not there yet");
      }
    }
    return null;
  }

  /** Removes {@code folder}, if there is one, unless another rank's socket is still in it. */
  static void remove(Path folder) {
    try {
      if (folder != null) {
        Files.deleteIfExists(folder);
      }
    } catch (DirectoryNotEmptyException e) {
      // A rank that was killed has left its socket: to be looked at, or to go with the temporary files.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
