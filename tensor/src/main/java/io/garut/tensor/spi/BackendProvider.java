package io.garut.tensor.spi;

import java.util.List;

/** Found by {@link java.util.ServiceLoader}: makes a backend. */
public interface BackendProvider {
  /** As {@code cpu}. */
  String name();

  /** The available provider with the highest rank makes the standard backend. */
  int rank();

  /** Whether this machine has what the backend needs. */
  boolean isAvailable();

  /** What it could compute on here, the first one first; found without making a backend. */
  List<DeviceInfo> devices();

  /** A new backend, to be closed by the caller. */
  Backend create();
}
