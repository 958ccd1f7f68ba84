package io.garut.gpu;

import io.garut.gpu.DeviceMemory.OfRecording;
import io.garut.gpu.DeviceMemory.Range;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Spec;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.DeviceException;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.KernelBackend;
import io.garut.tensor.spi.PlanMemory;
import io.garut.tensor.spi.Storage;
import java.util.Arrays;
import java.util.List;

/**
 * Computes on a device of TornadoVM. Operations of a model's path, in F32 with weights of any type that has a kernel, run
 * there; the loops of {@code tensor.reference} compute the rest on the host, between which elements are brought as need be.
 */
public final class GpuBackend extends KernelBackend {
  static final String NAME = "gpu";

  private final Device device;
  private final Mirrors mirrors;
  private final HalfTable table;
  private final DeviceStorage.Places places = new DeviceStorage.Places() {
    @Override
    public Range range(boolean isFloat, long elements) {
      return (isFloat ? device.floatMemory() : device.wordMemory()).allocate(elements);
    }

    @Override
    public void giveBack(boolean isFloat, Range range) {
      (isFloat ? device.floatMemory() : device.wordMemory()).giveBack(range);
    }

    @Override
    public HostStorage host(long bytes) {
      return pool().allocate(bytes);
    }
  };

  /** What a recording allocates: its places stay its own until it is closed. */
  private final class Recorded implements DeviceStorage.Places, PlanMemory {
    private final OfRecording floats = new OfRecording(device.floatMemory());
    private final OfRecording words = new OfRecording(device.wordMemory());
    private final PlanMemory host = GpuBackend.super.planMemory();

    @Override
    public Storage allocate(Spec spec) {
      return new DeviceStorage(device, this, spec);
    }

    @Override
    public Range range(boolean isFloat, long elements) {
      return (isFloat ? floats : words).allocate(elements);
    }

    @Override
    public void giveBack(boolean isFloat, Range range) {
      (isFloat ? floats : words).giveBack(range);
    }

    @Override
    public HostStorage host(long bytes) {
      return (HostStorage) host.allocate(Spec.of(DType.F32, Shape.of(bytes / Float.BYTES)));
    }

    @Override
    public void close() {
      floats.close();
      words.close();
      host.close();
    }
  }

  /**
   * A backend with arenas of so many bytes.
   *
   * @throws DeviceException if there is no device, or it has not enough memory
   */
  public GpuBackend(long floatBytes, long wordBytes) {
    device = new Device(floatBytes, wordBytes);
    mirrors = new Mirrors(device, places);
    table = new HalfTable(device, places);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Storage allocate(Spec spec) {
    return new DeviceStorage(device, places, spec);
  }

  @Override
  public Storage allocateZeros(Spec spec) {
    return new DeviceStorage(device, places, spec, HostStorage.allocate(Math.ceilDiv(spec.bytes(), 4) * 4));
  }

  @Override
  protected PlanMemory planMemory() {
    return new Recorded();
  }

  @Override
  protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
    Operands operands = new Operands(device, mirrors, table);
    return Launches.bind(op, inputs, outputs, operands) ? operands.kernel() : onHost(op, inputs, outputs);
  }

  /** A weight that lies on the device from now on; one of a format without kernels stays where it is. */
  @Override
  public Storage prepare(Tensor weight) {
    if (!weight.storage().isPlain()) {
      return weight.storage(); // it has been prepared
    }
    boolean goes = weight.elements() > 0 && PreparedWeights.supports(weight.dtype());
    return goes ? PreparedWeights.of(device, places, weight) : super.prepare(weight);
  }

  /** The plain loop, over the places that operands have on the host. */
  private Kernel onHost(Op op, Tensor[] inputs, Tensor[] outputs) {
    Tensor[] ins = new Tensor[inputs.length];
    Tensor[] outs = new Tensor[outputs.length];
    Arrays.setAll(ins, i -> hosted(inputs[i]));
    Arrays.setAll(outs, i -> hosted(outputs[i]));
    Kernel loop = ReferenceKernels.bind(op, ins, outs);
    List<DeviceStorage> read = devices(Arrays.asList(inputs));
    List<Tensor> changed = op.written() > 0 ? Arrays.asList(inputs).subList(0, op.written()) : Arrays.asList(outputs);
    List<DeviceStorage> written = devices(changed);
    return () -> {
      synchronized (device) {
        read.forEach(DeviceStorage::bringToHost);
        loop.run();
        written.forEach(DeviceStorage::writtenOnHost);
      }
    };
  }

  private static List<DeviceStorage> devices(List<Tensor> tensors) {
    return tensors.stream()
        .map(Tensor::storage)
        .filter(DeviceStorage.class::isInstance)
        .map(DeviceStorage.class::cast)
        .toList();
  }

  /** A tensor over the place of {@code tensor} on the host, which it does not own. */
  private static Tensor hosted(Tensor tensor) {
    if (tensor.storage() instanceof DeviceStorage storage) {
      HostStorage view = HostStorage.of(storage.place().segment(), () -> {});
      return Tensor.wrap(tensor.spec(), view, tensor.byteOffset()).keep();
    }
    return tensor;
  }

  @Override
  public void close() {
    super.close();
    device.close();
  }
}
