package io.garut.gpu;

import io.garut.gpu.DeviceMemory.Range;
import io.garut.tensor.DType;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;

/**
 * Elements that lie on the device, on the host, or on both: where they are needed they are brought, where they are written the
 * other place is out of date. A place is taken when it is first needed, and stays the same.
 */
final class DeviceStorage extends Storage {
  private final Device device;
  private final Places places;
  private final boolean isFloat;
  private final long bytes;
  private Range range;
  private HostStorage twin;
  private boolean onDevice;
  private boolean onHost;

  /** Where storage gets its places: for good, or for one recording. */
  interface Places {
    Range range(boolean isFloat, long elements);

    void giveBack(boolean isFloat, Range range);

    HostStorage host(long bytes);
  }

  /** For the elements of a tensor {@code spec}, of which nothing is known yet. */
  DeviceStorage(Device device, Places places, Spec spec) {
    this.device = device;
    this.places = places;
    this.isFloat = spec.dtype() == DType.F32;
    this.bytes = Math.ceilDiv(Math.max(1, spec.bytes()), Float.BYTES) * Float.BYTES;
  }

  /** The same, with elements that are on the host. */
  DeviceStorage(Device device, Places places, Spec spec, HostStorage elements) {
    this(device, places, spec);
    twin = elements;
    onHost = true;
  }

  /** A place for elements that somebody else has on the host. */
  static DeviceStorage at(Device device, Places places, Spec spec, Range range) {
    DeviceStorage storage = new DeviceStorage(device, places, spec);
    storage.range = range;
    return storage;
  }

  /** Where its range begins, in elements of 32 bits. */
  int begin() {
    synchronized (device) {
      if (range == null) {
        range = places.range(isFloat, bytes / Float.BYTES);
      }
      return range.begin();
    }
  }

  /** Has the elements on the device. */
  void bringToDevice() {
    synchronized (device) {
      int begin = begin();
      if (!onDevice && onHost) {
        device.put(twin.segment(), isFloat, begin);
      }
      onDevice = true;
    }
  }

  /** Puts {@code elements} on the device, and nowhere else. */
  void put(MemorySegment elements) {
    synchronized (device) {
      device.put(elements, isFloat, begin());
      writtenOnDevice();
    }
  }

  /** The same for a part of it, which begins at element {@code at} of 32 bits. */
  void put(MemorySegment elements, long at) {
    synchronized (device) {
      device.put(elements, isFloat, begin() + Math.toIntExact(at));
      writtenOnDevice();
    }
  }

  /** Copies what is on the device to {@code elements}. */
  void get(MemorySegment elements) {
    device.get(elements, isFloat, begin());
  }

  /** Says that a kernel has written to it. */
  void writtenOnDevice() {
    synchronized (device) {
      onDevice = true;
      onHost = false;
    }
  }

  /** Memory of the host for the elements, whatever is in it. */
  HostStorage place() {
    synchronized (device) {
      if (twin == null) {
        twin = places.host(bytes);
      }
      return twin;
    }
  }

  /** Has the elements on the host. */
  HostStorage bringToHost() {
    synchronized (device) {
      HostStorage host = place();
      if (!onHost && onDevice) {
        device.get(host.segment(), isFloat, range.begin());
      }
      onHost = true;
      return host;
    }
  }

  /** Says that the host's memory has been written to. */
  void writtenOnHost() {
    synchronized (device) {
      onHost = true;
      onDevice = false;
    }
  }

  @Override
  public String device() {
    return GpuBackend.NAME;
  }

  @Override
  public long byteSize() {
    return bytes;
  }

  @Override
  public boolean isPlain() {
    return true;
  }

  @Override
  public MemorySegment segment() {
    synchronized (device) {
      MemorySegment segment = bringToHost().segment();
      onDevice = false; // the caller may write to it, now or soon
      return segment;
    }
  }

  @Override
  public HostStorage toHost(Spec spec) {
    HostStorage host = bringToHost();
    host.retain();
    return host;
  }

  @Override
  protected void free() {
    synchronized (device) {
      if (range != null) {
        places.giveBack(isFloat, range);
      }
      if (twin != null) {
        twin.release();
      }
    }
  }
}
