package io.garut.train.spark;

import io.garut.train.StepReport;
import io.garut.train.run.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Has one rank fail after one step, the first time that it comes there.
 *
 * @param mark a file by which it knows
 */
record FailsOnce(int rank, long step, String mark, How how) implements RankListeners {
  /** How it fails. */
  enum How {
    /** With an exception, and every time. */
    THROWS,
    /** It does nothing for an hour, unless it is interrupted. */
    HANGS,
    /** Its process ends at once, as by {@code kill -9}. */
    DIES,
    /** It ends the run in good order. */
    STOPS
  }

  @Override
  public Optional<TrainingListener> of(int number, int ranks) {
    return number == rank ? Optional.of(new Failing()) : Optional.empty();
  }

  private final class Failing implements TrainingListener {
    private boolean stop;

    @Override
    public void step(StepReport report) {
      if (report.step() != step) {
        return;
      }
      boolean first = isFirst();
      switch (how) {
        case THROWS -> throw new IllegalStateException("rank " + rank + " fails after step " + step);
        case HANGS -> {
          if (first) {
            hang();
          }
        }
        case DIES -> {
          if (first) {
            Runtime.getRuntime().halt(137);
          }
        }
        case STOPS -> stop = first;
      }
    }

    @Override
    public boolean stop() {
      return stop;
    }

    private void hang() {
      try {
        Thread.sleep(3_600_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("rank " + rank + " was interrupted", e);
      }
    }

    private boolean isFirst() {
      try {
        Files.createFile(Path.of(mark));
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
