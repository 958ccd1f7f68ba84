package io.garut.tensor.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint that cannot be read or written. The message is one line: {@code <file>: <place>: <what is wrong>; <what
 * to do>}.
 */
public sealed class CheckpointException extends IOException permits CheckpointWriteException {
  private static final long serialVersionUID = 1L;

  /** Longer names are cut in messages: a hostile file may hold names of megabytes. */
  private static final int LONGEST_NAME = 120;

  /** About {@code place} in {@code file}: {@code what} is wrong, and {@code remedy} is what to do. */
  public CheckpointException(Path file, String place, String what, String remedy) {
    this(file, place, what, remedy, null);
  }

  /** As above, with the exception that led to it, which may be null. */
  public CheckpointException(Path file, String place, String what, String remedy, Throwable cause) {
    super(file + ": " + place + ": " + what + "; " + remedy);
    if (cause != null) { // else it may be set later
      initCause(cause);
    }
  }

  /** {@code name} as a message may show it: in quotes, control characters escaped, cut where it is long. */
  public static String quote(String name) {
    StringBuilder quoted = new StringBuilder("'");
    int shown = name.length() > LONGEST_NAME ? LONGEST_NAME : name.length();
    for (int i = 0; i < shown; i++) {
      char c = name.charAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || Character.isSurrogate(c)) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(shown < name.length() ? "…'" : "'").toString();
  }
}
