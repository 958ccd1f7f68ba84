package io.garut.tensor.spi;

/** A device that is not there, has not enough memory, or did not run a kernel; the message names it. */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With the message. */
  public DeviceException(String message) {
    super(message);
  }

  /** With the message and what its driver said. */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
