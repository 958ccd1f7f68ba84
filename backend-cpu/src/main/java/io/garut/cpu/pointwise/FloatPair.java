package io.garut.cpu.pointwise;

/** A function of pairs of F32 elements at absolute addresses, or a relation between them. */
@FunctionalInterface
interface FloatPair {
  /**
   * Computes whole vectors.
   *
   * @param to results one after another: F32, or bytes for a relation
   * @param count a multiple of {@link io.garut.cpu.Simd#LANES}
   */
  void vectors(long x, long y, long to, int count);
}
