package io.garut.gpu;

import io.garut.gpu.kernel.Weights;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.quant.Half;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A prepared weight of Q8_0 or Q4_0 on the device: words with the signed bytes or nibbles of neighbours in order, and the
 * scales of the blocks apart as F32. The plain blocks stay where they were.
 */
final class BlockStorage extends Storage {
  private static final int BLOCK = 32;
  private static final int SLICE = 1 << 16; // blocks that are packed at once
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private final Storage plain;
  private final long offset;
  private final DType type;
  private final DeviceStorage words;
  private final DeviceStorage scales;

  /**
   * Brings {@code weight} to the device.
   *
   * @throws io.garut.tensor.NonFiniteException if a scale is infinite or not a number
   */
  BlockStorage(Device device, DeviceStorage.Places places, Tensor weight) {
    type = weight.dtype();
    plain = weight.storage();
    offset = weight.byteOffset();
    long blocks = weight.elements() / BLOCK;
    int perBlock = wordsPerBlock();
    words = new DeviceStorage(device, places, Spec.of(DType.I32, Shape.of(blocks * perBlock)));
    scales = new DeviceStorage(device, places, Spec.of(DType.F32, Shape.of(blocks)));
    HostStorage host = plain.toHost(weight.spec());
    try {
      MemorySegment from = host.segment().asSlice(offset, weight.spec().bytes());
      int[] packed = new int[(int) Math.min(blocks, SLICE) * perBlock];
      float[] factors = new float[(int) Math.min(blocks, SLICE)];
      for (long at = 0; at < blocks; at += SLICE) {
        int count = (int) Math.min(blocks - at, SLICE);
        for (int i = 0; i < count; i++) {
          long block = (at + i) * type.blockBytes();
          factors[i] = Half.f16ToFloat(from.get(SHORT, block));
          if (!Float.isFinite(factors[i])) {
            throw Tensor.notFinite(weight.spec(), (at + i) * BLOCK);
          }
          pack(from, block + Short.BYTES, packed, i * perBlock);
        }
        words.put(MemorySegment.ofArray(packed).asSlice(0, (long) count * perBlock * Integer.BYTES), at * perBlock);
        scales.put(MemorySegment.ofArray(factors).asSlice(0, (long) count * Float.BYTES), at);
      }
    } catch (RuntimeException e) {
      words.release();
      scales.release();
      throw e;
    } finally {
      host.release();
    }
    plain.retain();
  }

  /** Whether there is such a storage for weights of {@code type}. */
  static boolean supports(DType type) {
    return type == DType.Q8_0 || type == DType.Q4_0;
  }

  private int wordsPerBlock() {
    return type == DType.Q8_0 ? 8 : 4;
  }

  private void pack(MemorySegment from, long begin, int[] to, int at) {
    if (type == DType.Q8_0) {
      for (int i = 0; i < 8; i++) {
        to[at + i] = from.get(ValueLayout.JAVA_INT_UNALIGNED, begin + 4L * i);
      }
      return;
    }
    for (int i = 0; i < 4; i++) {
      int word = 0;
      for (int j = 0; j < 8; j++) {
        int element = 8 * i + j;
        int both = from.get(ValueLayout.JAVA_BYTE, begin + element % 16); // elements 0 to 15 are the lower nibbles
        word |= (both >> element / 16 * 4 & 15 ^ 8) << 4 * j; // less 8, in two's complement
      }
      to[at + i] = word;
    }
  }

  /** The kernels' name for its form. */
  int form() {
    return type == DType.Q8_0 ? Weights.Q8 : Weights.Q4;
  }

  /** Where the words begin. */
  int begin() {
    return words.begin();
  }

  /** Where the scales begin. */
  int scales() {
    return scales.begin();
  }

  @Override
  public String device() {
    return GpuBackend.NAME + ", packed for linear layers";
  }

  @Override
  public long byteSize() {
    return words.byteSize() + scales.byteSize();
  }

  @Override
  public HostStorage toHost(Spec spec) {
    HostStorage host = plain.toHost(spec);
    if (offset == 0) {
      return host;
    }
    try {
      HostStorage copy = HostStorage.allocate(spec.bytes());
      copy.segment().copyFrom(host.segment().asSlice(offset, spec.bytes()));
      return copy;
    } finally {
      host.release();
    }
  }

  @Override
  protected void free() {
    words.release();
    scales.release();
    plain.release();
  }
}
