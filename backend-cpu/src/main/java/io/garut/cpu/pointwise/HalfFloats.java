package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.S2I;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.tensor.quant.Half;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * F16 and BF16 to F32 and back by integer operations, for every value: subnormals, infinities, NaN; rounding to
 * nearest even. The scalar twins are {@link Half}'s.
 */
public final class HalfFloats {
  /** As many 16-bit integers as there are F32 lanes. */
  public static final VectorSpecies<Short> HALF = VectorSpecies.of(short.class, VectorShape.forBitSize(Simd.BITS / 2));

  private static final int MAGNITUDE = 0x7fffffff;
  private static final int INFINITY = 0x7f800000;

  private HalfFloats() {}

  /**
   * Reads {@code count} F16 as F32. Exponent and fraction, shifted into place, are the value over 2¹¹²; that product
   * is exact for subnormals too. An exponent of all ones becomes one.
   */
  public static void decodeF16(long from, long to, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, from + 2L * i, LE).convertShape(S2I, I32, 0);
      bits = Lanes.NONE.or(bits);
      IntVector magnitude = bits.and(0x7fff).lanewise(LSHL, 13);
      IntVector value = Lanes.NONE.or(magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts());
      value
          .blend(magnitude.or(INFINITY), magnitude.compare(GE, 0x0f800000))
          .or(bits.and(0x8000).lanewise(LSHL, 16))
          .intoMemorySegment(ALL, to + 4L * i, LE);
    }
    for (; i < count; i++) {
      ALL.set(Simd.FLOAT, to + 4L * i, Half.f16ToFloat(ALL.get(Simd.SHORT, from + 2L * i)));
    }
  }

  /** Writes {@code count} F32 as F16. */
  public static void encodeF16(long from, long to, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, from + 4L * i, LE));
      IntVector a = bits.and(MAGNITUDE);
      // rebias the exponent and add half a unit, less one where the last bit kept is 0, so that ties go to even
      IntVector normal = a.lanewise(LSHR, 13).and(1).add(a).add(0xc8000fff).lanewise(LSHR, 13);
      // below 2⁻¹⁴, adding 0.5 rounds to a multiple of 2⁻²⁴, the unit of subnormals
      IntVector subnormal = Lanes.NONE.or(a.reinterpretAsFloats().add(0.5f).reinterpretAsInts()).sub(0x3f000000);
      IntVector nan = a.lanewise(LSHR, 13).and(0x3ff).or(0x7e00);
      IntVector half = normal.blend(subnormal, a.compare(LT, 0x38800000));
      half = half.blend(0x7c00, a.compare(GE, 0x47800000)); // 2¹⁶
      half = half.blend(nan, a.compare(GT, INFINITY)).or(bits.lanewise(LSHR, 16).and(0x8000));
      half.convertShape(I2S, HALF, 0).intoMemorySegment(ALL, to + 2L * i, LE);
    }
    for (; i < count; i++) {
      ALL.set(Simd.SHORT, to + 2L * i, Half.floatToF16(ALL.get(Simd.FLOAT, from + 4L * i)));
    }
  }

  /** Reads {@code count} BF16 as F32. */
  public static void decodeBf16(long from, long to, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits =
          (IntVector) ShortVector.fromMemorySegment(HALF, ALL, from + 2L * i, LE).convertShape(S2I, I32, 0);
      Lanes.NONE.or(bits).lanewise(LSHL, 16).intoMemorySegment(ALL, to + 4L * i, LE);
    }
    for (; i < count; i++) {
      ALL.set(Simd.FLOAT, to + 4L * i, Half.bf16ToFloat(ALL.get(Simd.SHORT, from + 2L * i)));
    }
  }

  /** Writes {@code count} F32 as BF16. */
  public static void encodeBf16(long from, long to, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, from + 4L * i, LE));
      IntVector high = bits.lanewise(LSHR, 16);
      IntVector rounded = high.and(1).add(bits).add(0x7fff).lanewise(LSHR, 16);
      rounded = rounded.blend(high.or(0x40), bits.and(MAGNITUDE).compare(GT, INFINITY)); // NaN stays NaN
      rounded.convertShape(I2S, HALF, 0).intoMemorySegment(ALL, to + 2L * i, LE);
    }
    for (; i < count; i++) {
      ALL.set(Simd.SHORT, to + 2L * i, Half.floatToBf16(ALL.get(Simd.FLOAT, from + 4L * i)));
    }
  }
}
