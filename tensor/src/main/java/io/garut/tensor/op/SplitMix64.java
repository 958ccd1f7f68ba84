package io.garut.tensor.op;

/**
 * The generator behind every random tensor: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014) used as a counter, {@code bits(seed, i) = mix(seed + (i + 1)·0x9E3779B97F4A7C15)}. Any element can
 * be made without the ones before it, so results depend neither on threads nor on the order of work; the transcendental
 * functions are {@link StrictMath}'s, so that every machine makes the same bits.
 */
public final class SplitMix64 {
  private SplitMix64() {}

  /** Element {@code index} of the stream {@code seed}: 64 random bits. */
  public static long bits(long seed, long index) {
    long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Element {@code index} as a double on [0, 1), of the upper 53 bits. */
  public static double uniform(long seed, long index) {
    return (bits(seed, index) >>> 11) * 0x1p-53;
  }

  /** Element {@code index} as a float on [0, 1), of the upper 24 bits. */
  public static float uniformFloat(long seed, long index) {
    return (bits(seed, index) >>> 40) * 0x1p-24f;
  }

  /**
   * Element {@code index} of a standard normal stream, by Box and Muller's transform: elements 2j and 2j + 1 are the
   * cosine and the sine half of one pair.
   */
  public static double normal(long seed, long index) {
    long even = index & ~1L;
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(seed, even))); // 1 - u is never 0
    double angle = 2 * StrictMath.PI * uniform(seed, even + 1);
    return radius * ((index & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
  }
}
