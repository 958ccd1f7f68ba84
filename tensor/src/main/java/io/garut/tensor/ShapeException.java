package io.garut.tensor;

/** Shapes, dtypes or axes that do not fit together. The message names the operation, both sides and the remedy. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** With a message that a reader can act upon. */
  public ShapeException(String message) {
    super(message);
  }
}
