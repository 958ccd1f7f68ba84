package io.garut.transformer.evaluation;

import java.io.IOException;

/** A record that is no question of its task. The message is one line: {@code <file>:<line>: <what is wrong>; <what to do>}. */
public final class RecordException extends IOException {
  private static final long serialVersionUID = 1L;

  /** About the record at {@code place}: {@code what} is wrong, and {@code remedy} is what to do. */
  public RecordException(Place place, String what, String remedy) {
    this(place, what, remedy, null);
  }

  /** As above, with the exception that led to it, or null. */
  public RecordException(Place place, String what, String remedy, Throwable cause) {
    super(place + ": " + what + "; " + remedy, cause);
  }
}
