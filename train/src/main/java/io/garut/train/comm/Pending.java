package io.garut.train.comm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** An operation that goes on, or has ended. */
public final class Pending<T> {
  private final FutureTask<T> task;
  private final Thread thread;

  Pending(FutureTask<T> task, Thread thread) {
    this.task = task;
    this.thread = thread;
  }

  /** Whether it has ended, with a result or an error. */
  public boolean isDone() {
    return task.isDone();
  }

  /**
   * Waits for the end, and returns the result. An interrupt ends the operation that is going on, and with it the group.
   *
   * @throws CommunicationException as the operation does
   */
  public T await() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        }
      }
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case CommunicationException reason -> reason.again();
        case RuntimeException other -> other;
        default -> new IllegalStateException(e.getCause());
      };
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
