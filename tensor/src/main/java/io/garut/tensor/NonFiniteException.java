package io.garut.tensor;

/** An element is infinite or not a number where that cannot be. The message names the tensor and the element. */
public final class NonFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  /** With a message that names tensor and element. */
  public NonFiniteException(String message) {
    super(message);
  }
}
