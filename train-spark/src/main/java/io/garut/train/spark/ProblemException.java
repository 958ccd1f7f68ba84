package io.garut.train.spark;

/** Something that another try would not mend; all ranks know of it. */
final class ProblemException extends Exception {
  private static final long serialVersionUID = 1;

  ProblemException(String message) {
    super(message);
  }
}
