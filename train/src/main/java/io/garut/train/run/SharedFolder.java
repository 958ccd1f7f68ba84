package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.train.StepGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;

/** Finds out whether all ranks see the same folder: rank 0 puts a file there that the others must find. */
public final class SharedFolder {
  private static final long PAUSE_MILLIS = 50;
  private static final Duration MOST = Duration.ofSeconds(10); // network file systems believe for seconds in what was not there

  private SharedFolder() {}

  /**
   * Makes {@code folder} on rank 0 if need be, and checks, on all ranks together, that each sees it.
   *
   * @throws CheckpointException on every rank, if one does not, naming it
   */
  public static void require(StepGroup ranks, Path folder) throws CheckpointException, InterruptedException {
    require(ranks, folder, MOST);
  }

  static void require(StepGroup ranks, Path folder, Duration most) throws CheckpointException, InterruptedException {
    Path mark = folder.resolve(".seen-" + Long.toHexString(ranks.fromFirst(new SecureRandom().nextLong())));
    Together together = new Together(ranks, folder);
    try {
      together.run(() -> {
        if (ranks.rank() == 0) {
          Files.createDirectories(folder);
          Files.createFile(mark);
        }
      });
      Optional<String> problem = ranks.problem(isSeen(mark, most) ? Optional.empty() : Optional.of("rank " + ranks.rank()));
      if (problem.isPresent()) {
        throw new CheckpointWriteException(
            folder, problem.get() + " does not see what rank 0 wrote into this folder",
            "name a folder on a file system that all machines have mounted at that place");
      }
    } finally {
      remove(ranks, mark);
    }
  }

  private static boolean isSeen(Path mark, Duration most) throws InterruptedException {
    for (long start = System.nanoTime(); !Files.exists(mark); Thread.sleep(PAUSE_MILLIS)) {
      if (System.nanoTime() - start > most.toNanos()) {
        return false;
      }
    }
    return true;
  }

  private static void remove(StepGroup ranks, Path mark) throws CheckpointException {
    if (ranks.rank() == 0) {
      try {
        Files.deleteIfExists(mark);
      } catch (IOException e) {
        throw new CheckpointWriteException(mark, Checkpoints.describe(e), "check the disk", e);
      }
    }
  }
}
