package io.garut.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ctrl-C. The JVM ends on it by itself, with exit code 130; work that must be ended properly does so in a {@link
 * Section}, for which the JVM then waits a while, or after {@link #holdEnd}, as long as it takes.
 */
public final class Interruption {
  /** Longer than any step between two looks at {@link #requested} in a section. */
  private static final long PATIENCE_SECONDS = 10;

  private final AtomicReference<Section> section = new AtomicReference<>();
  private final AtomicReference<Runnable> notice = new AtomicReference<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final long patienceNanos;
  private volatile boolean held;
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
  public Interruption() {
    this(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
  }

  Interruption(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** One that hears of the process's end. */
  public static Interruption ofProcess() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::await, "garut-interruption"));
    return interruption;
  }

  /** What the end of the JVM does. */
  void await() {
    Section open = section.get();
    boolean waits = held && over.getCount() > 0;
    if (waits) {
      Signals.endAtOnce();
    }
    request();
    try {
      if (waits) {
        over.await();
      } else if (open != null) {
        open.done.await(patienceNanos, TimeUnit.NANOSECONDS);
      }
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
    Runnable told = notice.getAndSet(null);
    if (told != null && over.getCount() > 0) {
      told.run();
    }
  }

  /** Begins work that looks at {@link #requested} often: several times in ten seconds, after which the JVM ends anyway. */
  public Section section() {
    Section begun = new Section();
    section.set(begun);
    return begun;
  }

  /**
   * From now on the JVM does not end before {@link #commandEnded}, however long that takes; only a second Ctrl-C ends it at
   * once. For work whose steps are long.
   *
   * @param told runs when the end is asked for, once, to tell the user both
   */
  public void holdEnd(Runnable told) {
    notice.set(told);
    held = true;
  }

  /** Says that the command has said its last word. */
  public void commandEnded() {
    over.countDown();
  }
}
