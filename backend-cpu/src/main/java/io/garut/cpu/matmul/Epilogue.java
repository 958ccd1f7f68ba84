package io.garut.cpu.matmul;

/**
 * What is done to the results of a product while they are still in the cache, such as an activation function. Called once
 * for every output, by the thread that computed it.
 */
@FunctionalInterface
public interface Epilogue {
  /**
   * Changes results in place: {@code count} floats at {@code address}, which are row {@code row} and columns {@code column}
   * and following of the product, the bias added.
   */
  void apply(long address, int row, int column, int count);
}
