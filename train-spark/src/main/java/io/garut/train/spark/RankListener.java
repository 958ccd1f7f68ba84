package io.garut.train.spark;

import io.garut.train.StepReport;
import io.garut.train.run.Evaluation;
import io.garut.train.run.TrainingListener;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs how the run gets on, on rank 0, and tells the user's listener, if there is one. */
final class RankListener implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(RankListener.class);
  private static final int EVERY = 10;

  private final boolean logs;
  private final long steps;
  private final Optional<TrainingListener> further;

  RankListener(Settings settings, int rank, long steps) {
    logs = rank == 0;
    this.steps = steps;
    further = settings.listeners.of(rank, settings.ranks);
  }

  @Override
  public void step(StepReport report) {
    if (logs && (report.step() % EVERY == 0 || report.step() == steps)) {
      LOG.info("step {}/{}  loss {}", report.step(), steps, loss(report.loss()));
    }
    further.ifPresent(each -> each.step(report));
  }

  @Override
  public void evaluated(Evaluation evaluation) {
    if (logs) {
      LOG.info("evaluation at step {}: loss {}", evaluation.step(), loss(evaluation.loss()));
    }
    further.ifPresent(each -> each.evaluated(evaluation));
  }

  @Override
  public void saved(long step, Path checkpoint) {
    if (logs) {
      LOG.info("checkpoint {}", checkpoint);
    }
    further.ifPresent(each -> each.saved(step, checkpoint));
  }

  @Override
  public boolean stop() {
    return further.map(TrainingListener::stop).orElse(false);
  }

  private static String loss(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
