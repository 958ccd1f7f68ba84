package io.garut.train.data.batch;

/**
 * A place in the order of steps.
 *
 * @param epoch passes over the examples that are done
 * @param index steps of this pass that are done
 */
public record Position(int epoch, int index) {
  /** Before the first step. */
  public static final Position START = new Position(0, 0);

  /** Refuses what is before the first step. */
  public Position {
    if (epoch < 0 || index < 0) {
      throw new IllegalArgumentException("there is no step " + index + " of epoch " + epoch + ": both count from 0");
    }
  }
}
