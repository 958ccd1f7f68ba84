package io.garut.train.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What was found when the last good checkpoint was looked for.
 *
 * @param found the newest one that is whole; empty if there is none
 * @param passedOver newer ones that are not, the newest first
 */
public record CheckpointSearch(Optional<StoredCheckpoint> found, List<PassedOver> passedOver) {
  /** A checkpoint that is not whole, and {@code why}: a sentence without its full stop. */
  public record PassedOver(Path folder, String why) {}

  /** Takes a copy of the list. */
  public CheckpointSearch {
    passedOver = List.copyOf(passedOver);
  }
}
