package io.garut.tensor.io;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Room on a disk, looked at before something large is written: better now than after half an hour. */
public final class DiskSpace {
  private DiskSpace() {}

  /**
   * Checks that there is room for {@code bytes} more where {@code target} is going to lie.
   *
   * @throws CheckpointException if there is not
   */
  public static void require(Path target, long bytes) throws CheckpointException {
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
