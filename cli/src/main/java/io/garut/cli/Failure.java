package io.garut.cli;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.spi.DeviceException;
import io.garut.train.comm.CommunicationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;

/** Ends the command with one line for the user, which says what was wrong and what to do. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  /** With {@code exitCode} and {@code message}. */
  public Failure(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  /** As above, with the exception that led to it. */
  public Failure(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** A failure of the user's: the command was used wrongly. */
  public static Failure usage(String message) {
    return new Failure(ExitCode.USAGE, message);
  }

  /** What the shell is told. */
  public ExitCode exitCode() {
    return exitCode;
  }

  /**
   * What {@code thrown}, which a command let out, means to the user.
   *
   * @return a failure with one line and the exit code
   */
  public static Failure of(Throwable thrown) {
    return switch (thrown) {
      case Failure failure -> failure;
      case IOException e -> new Failure(FileErrors.exitCode(e), FileErrors.message(e), e);
      case UncheckedIOException e -> of(e.getCause());
      case CancellationException e -> new Failure(ExitCode.INTERRUPTED, "interrupted", e);
      case NonFiniteException e -> new Failure(ExitCode.DATA, oneLine(e), e); // of damaged weights
      case CommunicationException e -> // the ranks of a run
          new Failure(
              ExitCode.UNAVAILABLE,
              e.getMessage() + "; what other ranks said is in rank-N.log in the run's folder; go on with --resume",
              e);
      case DeviceException e -> new Failure(ExitCode.UNAVAILABLE, oneLine(e), e);
      case OutOfMemoryError e -> new Failure(ExitCode.UNAVAILABLE, outOfMemory(e), e);
      default ->
          new Failure(
              ExitCode.SOFTWARE,
              "this should not have happened: " + oneLine(thrown) + "; --debug shows where, please report it",
              thrown);
    };
  }

  private static String outOfMemory(OutOfMemoryError e) {
    String what = e.getMessage() != null && e.getMessage().contains("heap") ? "Java's heap is" : "memory is";
    String heap = what.startsWith("Java") ? ", or give it more with GARUT_OPTS=-Xmx8g" : "";
    return what + " used up; take a smaller model or quantise it (garut quantize)" + heap;
  }

  static String oneLine(Throwable thrown) {
    String message = thrown.getMessage();
    String name = thrown.getClass().getSimpleName();
    return message == null ? name : name + ": " + message.lines().findFirst().orElse("");
  }
}
