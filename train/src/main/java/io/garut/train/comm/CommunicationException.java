package io.garut.train.comm;

import java.util.Optional;

/**
 * A group of ranks cannot go on: a rank is lost, late, closed, or does something else than the others. The message says
 * which, in which operation on which region. The group is of no use any more; every later call says this first reason.
 */
public final class CommunicationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int rank;
  private final Operation operation;
  private final String region;

  /**
   * An error in an operation.
   *
   * @param rank whose fault it is, or −1 if that is not known
   */
  public CommunicationException(int rank, Operation operation, String region, String message) {
    this(rank, operation, region, message, null);
  }

  /** An error in an operation that another error led to. */
  public CommunicationException(int rank, Operation operation, String region, String message, Throwable cause) {
    super(message, cause);
    this.rank = rank;
    this.operation = operation;
    this.region = region;
  }

  /** An error before or after all operations. */
  public CommunicationException(int rank, String message, Throwable cause) {
    this(rank, null, null, message, cause);
  }

  /** The same for a later call. */
  CommunicationException again() {
    return new CommunicationException(rank, operation, region, getMessage(), this);
  }

  /** The rank whose fault it is; −1 if that is not known. */
  public int rank() {
    return rank;
  }

  /** The operation in which it was noticed, if it was in one. */
  public Optional<Operation> operation() {
    return Optional.ofNullable(operation);
  }

  /** The region of that operation. */
  public Optional<String> region() {
    return Optional.ofNullable(region);
  }
}
