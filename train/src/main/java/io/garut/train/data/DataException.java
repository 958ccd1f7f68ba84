package io.garut.train.data;

import java.io.IOException;

/** Training data that cannot be used. The message is one line: where, what is wrong, what to do. */
public class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a message in one line. */
  public DataException(String message) {
    super(message);
  }
}
