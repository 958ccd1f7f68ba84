package io.garut.train.spark;

import java.time.Duration;
import org.apache.spark.SparkContext;

/**
 * Whether all ranks can run at once. Spark's own check of barrier stages tries forty times, fifteen seconds apart, unless it
 * was told otherwise when the session was made.
 */
final class Slots {
  private static final long PAUSE_MILLIS = 100;

  private Slots() {}

  /**
   * Waits for executors that are still coming.
   *
   * @throws FinetuningException if there are too few after {@code most}
   */
  static void await(SparkContext context, int ranks, Duration most) {
    long start = System.nanoTime();
    int slots = slots(context);
    while (slots < ranks) {
      if (System.nanoTime() - start > most.toNanos()) {
        throw new FinetuningException(
            ranks + " ranks have to run at once, and Spark can run " + slots + " tasks at once (waited "
                + most.toMillis() / 1e3 + " s for executors): give it more executors or cores, or ask for fewer ranks");
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FinetuningException("interrupted while Spark's executors were waited for", e);
      }
      slots = slots(context);
    }
  }

  private static int slots(SparkContext context) {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
