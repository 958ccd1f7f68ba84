package io.garut.tensor;

import io.garut.tensor.op.Spec;
import io.garut.tensor.quant.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements in host memory as Java arrays. */
final class HostData {
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
  static final ValueLayout.OfByte BOOL = ValueLayout.JAVA_BYTE;

  private HostData() {}

  static float[] floats(Spec spec, MemorySegment data) {
    if (!spec.dtype().isFloat() && !spec.dtype().isBlock()) {
      throw new ShapeException("toFloatArray: " + spec + " is not floating-point; cast it or use toLongArray");
    }
    float[] all = new float[length(spec)];
    Elements.read(spec.dtype(), data, 0, all, 0, all.length);
    return all;
  }

  static double[] doubles(Spec spec, MemorySegment data) {
    double[] all = new double[length(spec)];
    switch (spec.dtype()) {
      case F64 -> MemorySegment.copy(data, F64, 0, all, 0, all.length);
      case I32, I64, BOOL -> {
        long[] whole = longs(spec, data);
        for (int i = 0; i < all.length; i++) {
          all[i] = whole[i];
        }
      }
      case F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> {
        float[] single = floats(spec, data);
        for (int i = 0; i < all.length; i++) {
          all[i] = single[i];
        }
      }
    }
    return all;
  }

  static long[] longs(Spec spec, MemorySegment data) {
    long[] all = new long[length(spec)];
    switch (spec.dtype()) {
      case I64 -> MemorySegment.copy(data, I64, 0, all, 0, all.length);
      case I32 -> {
        for (int i = 0; i < all.length; i++) {
          all[i] = data.get(I32, i * 4L);
        }
      }
      case BOOL -> {
        for (int i = 0; i < all.length; i++) {
          all[i] = data.get(BOOL, i);
        }
      }
      case F64, F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new ShapeException("toLongArray: " + spec + " is not an integer tensor; cast it");
    }
    return all;
  }

  private static int length(Spec spec) {
    long elements = spec.shape().elements();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new ShapeException(spec + " has more elements than a Java array; slice it, or use segment()");
    }
    return (int) elements;
  }
}
