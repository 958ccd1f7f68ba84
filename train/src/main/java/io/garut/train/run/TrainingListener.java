package io.garut.train.run;

import io.garut.train.StepReport;
import java.nio.file.Path;

/** Hears how a run gets on. */
public interface TrainingListener {
  /** A step has been taken, or skipped. */
  default void step(StepReport report) {}

  /** The model has been evaluated. */
  default void evaluated(Evaluation evaluation) {}

  /** A checkpoint is whole. */
  default void saved(long step, Path checkpoint) {}

  /** Whether the run is to end after this step, with a checkpoint. */
  default boolean stop() {
    return false;
  }
}
