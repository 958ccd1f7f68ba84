package io.garut.tensor.conformance;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.quant.Elements;
import io.garut.tensor.quant.Half;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/**
 * An input of a case: type, shape, and what it holds for a seed.
 *
 * @param dtype element type
 * @param shape dimensions
 * @param content the bytes for a seed
 */
record Sample(DType dtype, Shape shape, Content content) {
  /** Makes the bytes of a sample. */
  @FunctionalInterface
  interface Content {
    byte[] bytes(Spec spec, long seed);
  }

  /** A value that depends on a seed and an index. */
  @FunctionalInterface
  interface Value {
    double at(long seed, long index);
  }

  /** Values about as a standard normal has them; integers a hundred times as large. */
  static Sample normal(DType dtype, long... dims) {
    return scaled(dtype, dtype.isInteger() ? 100 : 1, dims);
  }

  /** Such values, of standard deviation {@code scale}. */
  static Sample scaled(DType dtype, double scale, long... dims) {
    return of(dtype, (seed, i) -> scale * bell(seed, i), dims);
  }

  /** Positive and negative values with exponents from −{@code most} to {@code most}. */
  static Sample wide(DType dtype, int most, long... dims) {
    return of(
        dtype,
        (seed, i) -> {
          double size = power(most, seed, 2 * i);
          return SplitMix64.bits(seed, 2 * i + 1) < 0 ? -size : size;
        },
        dims);
  }

  /** As {@link #wide}, all positive. */
  static Sample positive(DType dtype, int most, long... dims) {
    return of(dtype, (seed, i) -> power(most, seed, i), dims);
  }

  /** The sum of four uniform numbers, of mean 0 and variance 1: a bell, and twenty times as quick as Box and Muller's. */
  static double bell(long seed, long index) {
    long bits = SplitMix64.bits(seed, index);
    long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
    return (sum * 0x1p-16 - 2) * Math.sqrt(3);
  }

  /** A positive number with an exponent from −{@code most} to {@code most} − 1. */
  private static double power(int most, long seed, long index) {
    long bits = SplitMix64.bits(seed, index);
    return Math.scalb(1 + (bits >>> 12) * 0x1p-52, (int) Math.floorMod(bits, 2L * most) - most);
  }

  /** Whole numbers from {@code least} to {@code most}. */
  static Sample whole(DType dtype, long least, long most, long... dims) {
    return of(dtype, (seed, i) -> least + Math.floorMod(SplitMix64.bits(seed, i), most - least + 1), dims);
  }

  /** BOOL, either with equal chance. */
  static Sample bools(long... dims) {
    return whole(DType.BOOL, 0, 1, dims);
  }

  /** These values, whatever the seed. */
  static Sample fixed(DType dtype, double... values) {
    return of(dtype, (seed, i) -> values[(int) i], values.length);
  }

  /** These values over and over in another order for each seed. */
  static Sample some(DType dtype, double[] values, long... dims) {
    return of(dtype, (seed, i) -> values[(int) Math.floorMod(SplitMix64.bits(seed, i), (long) values.length)], dims);
  }

  /** Blocks of random bits with small random scales. */
  static Sample blocks(DType dtype, long... dims) {
    return new Sample(dtype, Shape.of(dims), (spec, seed) -> blocks(spec, seed));
  }

  /** What a weight of {@code dtype} holds: blocks, or values of standard deviation 0.1. */
  static Sample weight(DType dtype, long... dims) {
    return dtype.isBlock() ? blocks(dtype, dims) : scaled(dtype, 0.1, dims);
  }

  /** {@code value} at every index. */
  static Sample of(DType dtype, Value value, long... dims) {
    return new Sample(dtype, Shape.of(dims), (spec, seed) -> plain(spec, i -> value.at(seed, i)));
  }

  /** This sample, remembering what it has made. */
  Sample remembering() {
    Map<Long, byte[]> made = new HashMap<>();
    return new Sample(dtype, shape, (spec, seed) -> made.computeIfAbsent(seed, s -> content.bytes(spec, s)));
  }

  Spec spec() {
    return Spec.of(dtype, shape);
  }

  /** The bytes for {@code seed}. */
  byte[] bytes(long seed) {
    return content.bytes(spec(), seed);
  }

  /** A tensor of the current executor with the bytes for {@code seed}. */
  Tensor make(long seed) {
    Tensor tensor = Tensor.empty(dtype, shape);
    fill(tensor, seed);
    return tensor;
  }

  /** Overwrites {@code tensor} with the bytes for {@code seed}. */
  void fill(Tensor tensor, long seed) {
    tensor.segment().copyFrom(MemorySegment.ofArray(bytes(seed)));
  }

  private static byte[] plain(Spec spec, LongToDoubleFunction value) {
    int count = Math.toIntExact(spec.shape().elements());
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(spec.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      double x = value.applyAsDouble(i);
      switch (spec.dtype()) {
        case F64 -> bytes.putDouble(x);
        case F32 -> bytes.putFloat((float) x);
        case F16 -> bytes.putShort(Half.floatToF16((float) x));
        case BF16 -> bytes.putShort(Half.floatToBf16((float) x));
        case I64 -> bytes.putLong((long) x);
        case I32 -> bytes.putInt((int) x);
        case BOOL -> bytes.put((byte) (x != 0 ? 1 : 0));
        case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new IllegalArgumentException("blocks: " + spec);
      }
    }
    return bytes.array();
  }

  private static byte[] blocks(Spec spec, long seed) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(spec.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, (byte) (SplitMix64.bits(seed, i / 8) >>> i % 8 * 8));
    }
    int size = spec.dtype().blockBytes();
    for (int block = 0; block < bytes.capacity(); block += size) {
      int[] scales =
          switch (spec.dtype()) {
            case Q8_0, Q4_0, Q5_0 -> new int[] {0};
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2}; // scale and minimum
            case Q6_K -> new int[] {size - 2};
            case F64, F32, F16, BF16, I64, I32, BOOL -> throw new IllegalArgumentException("no blocks: " + spec);
          };
      for (int at : scales) {
        double scale = 0.01 * bell(seed + 1, block + at);
        bytes.putShort(block + at, Half.floatToF16((float) scale));
      }
    }
    return bytes.array();
  }

  /** The elements of a floating-point or block sample as doubles. */
  double[] values(long seed) {
    byte[] bytes = bytes(seed);
    double[] all = new double[Math.toIntExact(shape.elements())];
    if (dtype == DType.F64) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(all);
      return all;
    }
    float[] single = new float[all.length];
    Elements.read(dtype, MemorySegment.ofArray(bytes), 0, single, 0, single.length);
    for (int i = 0; i < all.length; i++) {
      all[i] = single[i];
    }
    return all;
  }

  /** Type and shape. */
  @Override
  public String toString() {
    return spec().toString();
  }
}
