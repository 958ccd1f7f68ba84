package io.garut.gpu;

import io.garut.gpu.DeviceMemory.Range;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Places on the device for plain memory of the host, such as tensors of a mapped checkpoint. The host's elements count: they
 * are brought each time, unless the memory cannot be written to; what a kernel writes is brought back at once.
 */
final class Mirrors {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Device device;
  private final DeviceStorage.Places places;
  private final Map<Storage, DeviceStorage> all = Collections.synchronizedMap(new WeakHashMap<>()); // by identity
  private final Map<DeviceStorage, Boolean> fresh = Collections.synchronizedMap(new WeakHashMap<>());

  Mirrors(Device device, DeviceStorage.Places places) {
    this.device = device;
    this.places = places;
  }

  /** The place for all of the memory under {@code tensor}. */
  DeviceStorage of(Tensor tensor) {
    HostStorage host = (HostStorage) tensor.storage();
    return all.computeIfAbsent(host, storage -> {
      boolean isFloat = tensor.dtype() == DType.F32;
      long elements = Math.ceilDiv(storage.byteSize(), Float.BYTES);
      Range range = places.range(isFloat, elements);
      CLEANER.register(storage, () -> places.giveBack(isFloat, range));
      Spec spec = Spec.of(tensor.dtype(), Shape.of(1));
      return DeviceStorage.at(device, places, spec, range);
    });
  }

  /** Has the elements of the host on the device. */
  void refresh(Tensor tensor, DeviceStorage mirror) {
    MemorySegment segment = tensor.storage().segment();
    if (!segment.isReadOnly() || fresh.put(mirror, true) == null) {
      mirror.put(segment);
    }
  }

  /** Has on the host what a kernel has written. */
  void bringBack(Tensor tensor, DeviceStorage mirror) {
    mirror.get(tensor.storage().segment());
  }
}
