package io.garut.cli.terminal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Shows on the terminal how far something has come, once it has taken a second. Nothing is shown where there is no
 * terminal, or the user wants quiet. A thread of its own draws it, so that it moves also while nothing is reported.
 */
public final class ProgressBar implements AutoCloseable {
  private static final long FIRST_MILLIS = 1000;
  private static final long NEXT_MILLIS = 200;
  private static final int WIDTH = 24;

  private final Console console;
  private final String task;
  private final LongFunction<String> unit;
  private final long began = System.nanoTime();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;
  private volatile long total;
  private volatile long done;

  private ProgressBar(Console console, String task, long total, LongFunction<String> unit) {
    this.console = console;
    this.task = task;
    this.total = total;
    this.unit = unit;
    boolean shown = console.terminals().err() && !console.isQuiet();
    this.thread = shown ? Thread.ofPlatform().daemon().name("garut-progress").start(this::draw) : null;
  }

  /** For work of known size; {@code unit} writes an amount of it. */
  public static ProgressBar of(Console console, String task, long total, LongFunction<String> unit) {
    return new ProgressBar(console, task, total, unit);
  }

  /** For work of unknown size: shows the time. */
  public static ProgressBar unknown(Console console, String task) {
    return new ProgressBar(console, task, 0, Numbers::whole);
  }

  /** So much is done. */
  public void done(long amount) {
    done = amount;
  }

  /** So much is done, of an amount that was not known before. */
  public void done(long amount, long ofAll) {
    total = ofAll;
    done = amount;
  }

  private void draw() {
    try {
      for (long wait = FIRST_MILLIS; !end.await(wait, TimeUnit.MILLISECONDS); wait = NEXT_MILLIS) {
        console.err().print("\r" + line() + "\u001b[K");
        console.err().flush();
      }
      if (System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(FIRST_MILLIS)) {
        console.err().print("\r\u001b[K");
        console.err().flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is shown now. */
  String line() {
    double seconds = (System.nanoTime() - began) / 1e9;
    long all = total;
    if (all <= 0) {
      return task + "… " + Math.round(seconds) + " s";
    }
    long now = Math.min(done, all);
    int full = (int) (WIDTH * now / all);
    String bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    String amounts = unit.apply(now) + " of " + unit.apply(all);
    String left = now == 0 ? "" : ", " + Numbers.seconds(Math.ceil(seconds / now * (all - now))) + " left";
    return task + " " + bar + " " + 100 * now / all + " %, " + amounts + left;
  }

  /** Takes the bar away. */
  @Override
  public void close() {
    end.countDown();
    if (thread != null) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
