package io.garut.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ctrl-C. The JVM ends on it by itself, with exit code 130; work that must be ended properly does so in a {@link
 * Section}, for which the JVM then waits.
 */
public final class Interruption {
  /** Longer than any step between two looks at {@link #requested}. */
  private static final long PATIENCE_SECONDS = 10;

  private final AtomicReference<Section> section = new AtomicReference<>();
  private volatile boolean requested;

  /** Work that the end of the JVM waits for. */
  public final class Section implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);

    private Section() {}

    @Override
    public void close() {
      section.compareAndSet(this, null);
      done.countDown();
    }
  }

  /** One that only {@link #request} interrupts. */
  public Interruption() {}

  /** One that hears of the process's end. */
  public static Interruption ofProcess() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::await, "garut-interruption"));
    return interruption;
  }

  private void await() {
    requested = true;
    Section open = section.get();
    if (open == null) {
      return;
    }
    try {
      open.done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether work should come to its end. */
  public boolean requested() {
    return requested;
  }

  /** Asks work to come to its end, as Ctrl-C does. */
  public void request() {
    requested = true;
  }

  /** Begins work that looks at {@link #requested} often. */
  public Section section() {
    Section begun = new Section();
    section.set(begun);
    return begun;
  }
}
