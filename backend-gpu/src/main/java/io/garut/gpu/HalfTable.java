package io.garut.gpu;

import io.garut.gpu.kernel.Weights;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.op.Spec;
import java.lang.foreign.MemorySegment;

/** What kernels multiply the digits of a half by: for each sign and exponent of F16, then of BF16, ± a power of two. */
final class HalfTable {
  private static final int SIZE = Weights.F16_SCALES + 512;

  private final Device device;
  private final DeviceStorage.Places places;
  private DeviceStorage storage;

  HalfTable(Device device, DeviceStorage.Places places) {
    this.device = device;
    this.places = places;
  }

  /** Where it begins among the floats. */
  int begin() {
    synchronized (device) {
      if (storage == null) {
        storage = new DeviceStorage(device, places, Spec.of(DType.F32, Shape.of(SIZE)));
        storage.put(MemorySegment.ofArray(scales()));
      }
      return storage.begin();
    }
  }

  private static float[] scales() {
    float[] scales = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      boolean half = i < Weights.F16_SCALES;
      int sign = half ? 32 : 256;
      int place = half ? i : i - Weights.F16_SCALES;
      int exponent = place % sign;
      float scale = Math.scalb(1f, Math.max(1, exponent) - (half ? 15 + 10 : 127 + 7));
      scales[i] = Math.copySign(exponent == sign - 1 ? Float.POSITIVE_INFINITY : scale, place < sign ? 1f : -1f);
    }
    return scales;
  }
}
