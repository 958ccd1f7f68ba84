package io.garut.cli.command;

import io.garut.cli.Failure;
import picocli.CommandLine.Option;

/** {@code --threads}. */
public final class ThreadsOption {
  private static final String PROPERTY = "garut.threads"; // the CPU backend reads it when it is first used

  private static final int MOST = 1024; // far more than processors only get in each other's way

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads that compute; one a processor unless given.")
  private Integer threads;

  /** Where picocli fills it in. */
  public ThreadsOption() {}

  /** Makes the number known to one of {@code processes} on this machine, which share the processors unless it was given. */
  public void apply(int processes) {
    if (threads == null && processes > 1) {
      System.setProperty(PROPERTY, Integer.toString(Math.max(1, Runtime.getRuntime().availableProcessors() / processes)));
    }
    apply();
  }

  /** Makes the number known; to be called before anything is computed. */
  public void apply() {
    if (threads == null) {
      return;
    }
    if (threads < 1) {
      throw Failure.usage("--threads " + threads + ": one thread at least must compute");
    }
    if (threads > MOST) {
      throw Failure.usage("--threads " + threads + ": " + MOST + " at most; as many as processors are fastest");
    }
    System.setProperty(PROPERTY, Integer.toString(threads));
  }
}
