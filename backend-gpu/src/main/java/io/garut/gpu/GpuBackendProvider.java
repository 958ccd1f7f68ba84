package io.garut.gpu;

import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.BackendProvider;
import io.garut.tensor.spi.DeviceException;
import io.garut.tensor.spi.DeviceInfo;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Makes the backend called {@code gpu}, where TornadoVM is there and has a device. Who wants it asks for it by its name. */
public final class GpuBackendProvider implements BackendProvider {
  /** The system property of the memory to take, in MiB. */
  static final String MEMORY = "garut.gpu.memory";

  private static final Logger LOG = LoggerFactory.getLogger(GpuBackendProvider.class);

  /** For {@link java.util.ServiceLoader}. */
  public GpuBackendProvider() {}

  @Override
  public String name() {
    return GpuBackend.NAME;
  }

  @Override
  public int rank() {
    return 0;
  }

  /** Whether TornadoVM is there and has a device. */
  @Override
  public boolean isAvailable() {
    return !devices().isEmpty();
  }

  /** TornadoVM's, in its order; none where it cannot start, which it says in a log. */
  @Override
  public List<DeviceInfo> devices() {
    List<DeviceInfo> all = new ArrayList<>();
    try {
      TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
      for (int b = 0; b < runtime.getNumBackends(); b++) {
        TornadoBackend backend = runtime.getBackend(b);
        for (int d = 0; d < backend.getNumDevices(); d++) {
          TornadoDevice device = backend.getDevice(d);
          String what = device.getPhysicalDevice().getDeviceName().strip() + " (" + backend.getBackendType() + ", "
              + device.getDeviceType() + ")";
          all.add(new DeviceInfo(GpuBackend.NAME + ":" + all.size(), what, device.getMaxGlobalMemory()));
        }
      }
    } catch (RuntimeException | LinkageError e) { // a driver without its library ends in an error of the linker
      LOG.info("TornadoVM cannot start", e);
    }
    return all;
  }

  /**
   * A backend on the first device, with the memory that the system property {@value #MEMORY} gives it, in MiB: half for floats,
   * half for everything else; a sixteenth less than the device has unless it is set.
   *
   * @throws DeviceException if there is no device
   */
  @Override
  public Backend create() {
    List<DeviceInfo> devices = devices();
    if (devices.isEmpty()) {
      throw new DeviceException("TornadoVM finds no device; see garut devices");
    }
    long bytes = Long.getLong(MEMORY, devices.getFirst().memory() / 16 * 15 >> 20) << 20;
    return new GpuBackend(bytes / 2, bytes / 2);
  }
}
