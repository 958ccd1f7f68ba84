package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

/** Weights that are brought to the device once, each element looked at. */
final class PreparedWeights {
  private static final long SLICE = 1 << 20; // elements that one thread looks at

  private PreparedWeights() {}

  /** A weight that was a piece of a tensor, whose place within that does not hold for its elements on the device. */
  static final class Piece extends Storage {
    private final DeviceStorage elements;

    private Piece(DeviceStorage elements) {
      this.elements = elements;
    }

    DeviceStorage elements() {
      return elements;
    }

    @Override
    public String device() {
      return elements.device();
    }

    @Override
    public long byteSize() {
      return elements.byteSize();
    }

    @Override
    public HostStorage toHost(Spec spec) {
      return elements.toHost(spec);
    }

    @Override
    protected void free() {
      elements.release();
    }
  }

  /** Whether kernels read weights of {@code type}. */
  static boolean supports(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16 || BlockStorage.supports(type);
  }

  /**
   * F32, F16 and BF16 as they are, with no memory on the host; Q8_0 and Q4_0 as {@link BlockStorage}.
   *
   * @throws io.garut.tensor.NonFiniteException if an element is infinite or not a number
   */
  static Storage of(Device device, DeviceStorage.Places places, Tensor weight) {
    if (weight.dtype().isBlock()) {
      return new BlockStorage(device, places, weight);
    }
    HostStorage host = weight.storage().toHost(weight.spec());
    try {
      MemorySegment elements = host.segment().asSlice(weight.byteOffset(), weight.spec().bytes());
      long bad = firstNonFinite(weight.dtype(), elements);
      if (bad >= 0) {
        throw Tensor.notFinite(weight.spec(), bad);
      }
      DeviceStorage prepared = new DeviceStorage(device, places, weight.spec());
      prepared.put(elements);
      return weight.byteOffset() == 0 ? prepared : new Piece(prepared);
    } finally {
      host.release();
    }
  }

  /** The index of the first element whose exponent has all bits set, or −1. */
  private static long firstNonFinite(DType type, MemorySegment elements) {
    long count = elements.byteSize() / type.blockBytes();
    return LongStream.range(0, Math.ceilDiv(count, SLICE))
        .parallel()
        .map(slice -> firstNonFinite(type, elements, slice * SLICE, Math.min(count, (slice + 1) * SLICE)))
        .filter(at -> at >= 0)
        .findFirst()
        .orElse(-1);
  }

  private static long firstNonFinite(DType type, MemorySegment elements, long begin, long end) {
    int exponent = type == DType.F16 ? 0x7c00 : 0x7f80;
    for (long i = begin; i < end; i++) {
      int bits = type == DType.F32
          ? elements.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i) >>> 16
          : elements.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i);
      if ((bits & exponent) == exponent) {
        return i;
      }
    }
    return -1;
  }
}
