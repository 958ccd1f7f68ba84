package io.garut.train;

import io.garut.train.optim.LossScale;

/**
 * Where a trainer stands, beside parameters and optimizer.
 *
 * @param step steps that have been tried
 * @param skipped how many of them, the last ones, were skipped in a row
 * @param lossScale as it is now
 */
public record TrainerState(long step, int skipped, LossScale lossScale) {
  TrainerState after(boolean finite) {
    return new TrainerState(step + 1, finite ? 0 : skipped + 1, lossScale.after(finite));
  }
}
