package io.garut.train;

/** Training has come to nothing: gradients were not finite step after step. The parameters are those before these steps. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DivergenceException(String message) {
    super(message);
  }
}
