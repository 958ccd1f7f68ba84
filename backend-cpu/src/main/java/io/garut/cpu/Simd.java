package io.garut.cpu;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes that every kernel uses, fixed when the class is loaded: the width asked for by {@link
 * SimdSupport#PROPERTY}, at most the machine's preferred one; at least 128 and at most 512 bits.
 *
 * <p>Static finals, so that C2 sees constants. To be loaded only where {@link SimdSupport#available()}.
 */
public final class Simd {
  /** The shape of all species here. */
  private static final VectorShape SHAPE = shape();

  /** Floats. */
  public static final VectorSpecies<Float> F32 = VectorSpecies.of(float.class, SHAPE);

  /** Doubles. */
  public static final VectorSpecies<Double> F64 = VectorSpecies.of(double.class, SHAPE);

  /** 32-bit integers, as many as floats. */
  public static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, SHAPE);

  /** 16-bit integers, twice as many as floats. */
  public static final VectorSpecies<Short> I16 = VectorSpecies.of(short.class, SHAPE);

  /** Width in bits. */
  public static final int BITS = SHAPE.vectorBitSize();

  /** Width in bytes. */
  public static final int BYTES = BITS / 8;

  /** Floats in a vector: 4, 8 or 16. */
  public static final int LANES = BITS / 32;

  /** The order of bytes in every format that Garut reads, and on every machine that it runs on. */
  public static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** A float at any address; the aligned layout would add a test to each load. */
  public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** A 32-bit integer at any address. */
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  /** A 16-bit integer at any address. */
  public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /** A double at any address. */
  public static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private static final VectorShuffle<Float> FLOATS_BY_8 = rotation(F32, 8);
  private static final VectorShuffle<Float> FLOATS_BY_4 = rotation(F32, 4);
  private static final VectorShuffle<Float> FLOATS_BY_2 = rotation(F32, 2);
  private static final VectorShuffle<Float> FLOATS_BY_1 = rotation(F32, 1);
  private static final VectorShuffle<Double> DOUBLES_BY_4 = rotation(F64, 4);
  private static final VectorShuffle<Double> DOUBLES_BY_2 = rotation(F64, 2);
  private static final VectorShuffle<Double> DOUBLES_BY_1 = rotation(F64, 1);

  private Simd() {}

  private static VectorShape shape() {
    int preferred = Math.clamp(VectorShape.preferredShape().vectorBitSize(), 128, 512);
    int requested = SimdSupport.requestedBits();
    return VectorShape.forBitSize(requested > 0 ? Math.min(requested, preferred) : preferred);
  }

  /**
   * The sum of all lanes along a fixed binary tree: lane i with lane i + n/2, and so on. {@code reduceLanes} promises
   * no order, and changes its result when C2 takes over from the interpreter.
   */
  public static float sum(FloatVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(FLOATS_BY_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(FLOATS_BY_4));
    }
    v = v.add(v.rearrange(FLOATS_BY_2));
    return v.add(v.rearrange(FLOATS_BY_1)).lane(0);
  }

  /** As {@link #sum(FloatVector)}. */
  public static double sum(DoubleVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(DOUBLES_BY_4));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(DOUBLES_BY_2));
    }
    return v.add(v.rearrange(DOUBLES_BY_1)).lane(0);
  }

  /** Lane i takes what stands {@code distance} further, around the end. */
  private static <E> VectorShuffle<E> rotation(VectorSpecies<E> species, int distance) {
    return VectorShuffle.fromOp(species, i -> (i + distance) % species.length());
  }
}
