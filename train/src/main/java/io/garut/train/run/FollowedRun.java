package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.StepReport;
import java.nio.file.Path;

/** The folder of a run as ranks see it that are not the first: they write their parts of checkpoints only. */
public final class FollowedRun implements RunRecord {
  private final Path folder;

  /** Of the run that rank 0 has opened as {@code folder}, which every rank sees. */
  public FollowedRun(Path folder) {
    this.folder = folder;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public void step(StepReport report) {}

  @Override
  public void evaluation(Evaluation evaluation) {}

  @Override
  public StoredCheckpoint save(Snapshot snapshot) throws CheckpointException {
    StepGroup group = snapshot.group();
    long step = snapshot.state().trainer().step();
    Path target = Checkpoints.place(folder, step);
    Path aside = Checkpoints.aside(target, group.fromFirst(0), Checkpoints.PART);
    Together together = new Together(group, target);
    together.run(() -> {}); // the first makes the folder
    together.run(() -> snapshot.writeParts(aside));
    together.run(() -> {}); // the first lets it appear
    return new StoredCheckpoint(target, step);
  }

  @Override
  public void close() {}
}
