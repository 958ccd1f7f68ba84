package io.garut.train.spark;

import io.garut.train.run.TrainingListener;
import java.io.Serializable;
import java.util.Optional;

/** Makes, on each executor, what hears how the run gets on there. */
@FunctionalInterface
public interface RankListeners extends Serializable {
  /** The listener of rank {@code rank} of {@code ranks}, if it is to have one. Made anew when the run is restarted. */
  Optional<TrainingListener> of(int rank, int ranks);
}
