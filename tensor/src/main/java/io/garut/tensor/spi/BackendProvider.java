package io.garut.tensor.spi;

/** Found by {@link java.util.ServiceLoader}: makes a backend. */
public interface BackendProvider {
  /** As {@code cpu}. */
  String name();

  /** The available provider with the highest rank makes the standard backend. */
  int rank();

  /** Whether this machine has what the backend needs. */
  boolean isAvailable();

  /** A new backend, to be closed by the caller. */
  Backend create();
}
