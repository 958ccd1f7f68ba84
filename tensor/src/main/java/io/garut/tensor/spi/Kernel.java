package io.garut.tensor.spi;

/**
 * An operation bound to its operands: code chosen, addresses fixed. Running it twice on the same memory gives the same
 * bits; eager execution runs it once, a {@link Plan} as often as it is replayed.
 */
@FunctionalInterface
public interface Kernel {
  /** Computes. */
  void run();
}
