package io.garut.train.spark;

/** A run over Spark could not begin, or not come to its end. The message says why, and what to do. */
public final class FinetuningException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FinetuningException(String message) {
    super(message);
  }

  FinetuningException(String message, Throwable cause) {
    super(message, cause);
  }
}
