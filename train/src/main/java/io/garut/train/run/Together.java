package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.train.StepGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What ranks do to one checkpoint, step by step: where one fails, all do. */
final class Together {
  private final StepGroup group;
  private final Path target;

  Together(StepGroup group, Path target) {
    this.group = group;
    this.target = target;
  }

  /** Part of what one rank does. */
  interface Part {
    void run() throws IOException;
  }

  /**
   * Runs the part of this rank, and waits for those of the others.
   *
   * @throws CheckpointException if one failed; with the reason of the first
   */
  void run(Part part) throws CheckpointException {
    CheckpointException own = null;
    try {
      part.run();
    } catch (CheckpointException e) {
      own = e;
    } catch (IOException e) {
      own = new CheckpointWriteException(
          target, Checkpoints.describe(e), "check the disk; earlier checkpoints are as they were", e);
    }
    String message = own == null ? null : "rank " + group.rank() + ": " + own.getMessage();
    Optional<String> problem = group.problem(Optional.ofNullable(message));
    if (own != null) {
      throw own;
    }
    if (problem.isPresent()) {
      throw new CheckpointWriteException(target, problem.get(), "see there; earlier checkpoints are as they were");
    }
  }
}
