package io.garut.tensor.io;

import java.nio.file.Path;

/** A checkpoint that cannot be written. The place in the message is {@code writing}. */
public final class CheckpointWriteException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  private static final String PLACE = "writing";

  /** About {@code target}: {@code what} is wrong, and {@code remedy} is what to do. */
  public CheckpointWriteException(Path target, String what, String remedy) {
    super(target, PLACE, what, remedy);
  }

  /** As above, with the exception that led to it. */
  public CheckpointWriteException(Path target, String what, String remedy, Throwable cause) {
    super(target, PLACE, what, remedy, cause);
  }
}
