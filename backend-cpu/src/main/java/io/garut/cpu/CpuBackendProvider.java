package io.garut.cpu;

import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.BackendProvider;
import io.garut.tensor.spi.DeviceInfo;
import java.util.List;

/** Makes the backend called {@code cpu}, which every machine can run. */
public final class CpuBackendProvider implements BackendProvider {
  /** For {@link java.util.ServiceLoader}. */
  public CpuBackendProvider() {}

  @Override
  public String name() {
    return CpuBackend.NAME;
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public List<DeviceInfo> devices() {
    int processors = Runtime.getRuntime().availableProcessors();
    String vectors = SimdSupport.available() ? ", vectors of " + Simd.BITS + " bits" : ", no vectors";
    return List.of(new DeviceInfo(CpuBackend.NAME, processors + " processors" + vectors, 0));
  }

  /**
   * A backend with the settings in the system properties {@code garut.threads} and {@code garut.vector.bits}.
   *
   * @throws IllegalArgumentException if one of them is not what it should be
   */
  @Override
  public Backend create() {
    return new CpuBackend(CpuSettings.read().threads());
  }
}
