package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepReport;
import java.nio.file.Path;

/** Where a run writes down what happens. */
public interface RunRecord extends AutoCloseable {
  /** The folder of the run. */
  Path folder();

  /**
   * Writes down what a step did.
   *
   * @throws CheckpointException if the disk fails
   */
  void step(StepReport report) throws CheckpointException;

  /**
   * Writes down an evaluation.
   *
   * @throws CheckpointException if the disk fails
   */
  void evaluation(Evaluation evaluation) throws CheckpointException;

  /**
   * Saves a checkpoint.
   *
   * @throws CheckpointException if that fails; earlier ones stay
   */
  StoredCheckpoint save(Snapshot snapshot) throws CheckpointException;

  @Override
  void close() throws CheckpointException;
}
