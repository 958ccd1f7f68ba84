package io.garut.gpu;

import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Kernel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What one operation reads and writes on the device, and the launches that do it, put together as its kernel. */
final class Operands {
  /** Work items of a group along x, where nothing speaks for another number. */
  static final int GROUP = 64;

  private static final float[] NO_FACTORS = {};

  private final Device device;
  private final Mirrors mirrors;
  private final HalfTable table;
  private final Set<DeviceStorage> read = new LinkedHashSet<>();
  private final Set<DeviceStorage> written = new LinkedHashSet<>();
  private final List<Runnable> before = new ArrayList<>();
  private final List<Runnable> launches = new ArrayList<>();
  private final List<Runnable> after = new ArrayList<>();

  Operands(Device device, Mirrors mirrors, HalfTable table) {
    this.device = device;
    this.mirrors = mirrors;
    this.table = table;
  }

  /** Where {@code tensor}, which is read, begins in its arena. */
  int read(Tensor tensor) {
    if (tensor.storage() instanceof DeviceStorage storage) {
      read.add(storage);
      return begin(storage, tensor);
    }
    DeviceStorage mirror = mirrors.of(tensor);
    before.add(() -> mirrors.refresh(tensor, mirror));
    return begin(mirror, tensor);
  }

  /** Where {@code storage}, all of which is read, begins. */
  int read(DeviceStorage storage) {
    read.add(storage);
    return storage.begin();
  }

  /** Where {@code tensor}, which is written, begins; one that is read too has to be told of both. */
  int written(Tensor tensor) {
    if (tensor.storage() instanceof DeviceStorage storage) {
      written.add(storage);
      return begin(storage, tensor);
    }
    DeviceStorage mirror = mirrors.of(tensor);
    after.add(() -> mirrors.bringBack(tensor, mirror));
    return begin(mirror, tensor);
  }

  private static int begin(DeviceStorage storage, Tensor tensor) {
    return storage.begin() + Math.toIntExact(tensor.byteOffset() / Float.BYTES);
  }

  /** Where the table is by which kernels decode halves. */
  int halves() {
    return table.begin();
  }

  /** Runs {@code check} on the host before the launches, at every run. */
  void check(Runnable check) {
    before.add(check);
  }

  /** One work item for each of {@code items}. */
  void launch(Code code, long items, int... numbers) {
    launchGrid(code, items, 1, () -> NO_FACTORS, numbers);
  }

  /** One work item for each of {@code x} times {@code y}. */
  void launchGrid(Code code, long x, long y, int... numbers) {
    launchGrid(code, x, y, () -> NO_FACTORS, numbers);
  }

  /** The same with factors, which are asked for at every run. */
  void launchGrid(Code code, long x, long y, Supplier<float[]> factors, int... numbers) {
    long rounded = Math.ceilDiv(x, GROUP) * GROUP;
    launches.add(() -> device.launch(code, numbers, factors.get(), rounded, y, GROUP, 1));
  }

  /** {@code groups} groups of {@link #GROUP} work items, each of which works together, times {@code y}. */
  void launchGroups(Code code, long groups, long y, Supplier<float[]> factors, int... numbers) {
    launches.add(() -> device.launch(code, numbers, factors.get(), groups * GROUP, y, GROUP, 1));
  }

  /** Brings what is read to the device, launches, and notes what is written. */
  Kernel kernel() {
    List<DeviceStorage> reads = List.copyOf(read);
    List<DeviceStorage> writes = List.copyOf(written);
    return () -> {
      synchronized (device) {
        reads.forEach(DeviceStorage::bringToDevice);
        before.forEach(Runnable::run);
        launches.forEach(Runnable::run);
        writes.forEach(DeviceStorage::writtenOnDevice);
        after.forEach(Runnable::run);
      }
    };
  }
}
