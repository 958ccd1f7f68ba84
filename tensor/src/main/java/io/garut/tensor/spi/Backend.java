package io.garut.tensor.spi;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;

/** What computes: storage, a kernel for every operation, plans. Safe for any number of threads. */
public interface Backend extends Executor, AutoCloseable {
  /** As {@code reference}, {@code cpu} or {@code gpu}. */
  String name();

  /** Where results get their memory; a caller may allocate there too. */
  StoragePool pool();

  /**
   * The storage in which a constant weight [N, K] of linear layers is best kept: packed the way the backend's kernels
   * read it, or the tensor's own if nothing is gained. Every element is looked at. The weight itself is left as it is;
   * {@link Tensor#prepare} puts the new storage in place.
   *
   * @throws NonFiniteException if an element is infinite or not a number
   */
  Storage prepare(Tensor weight);

  /** A recorder of everything that is computed through it. */
  Recorder recorder();

  @Override
  default Backend backend() {
    return this;
  }

  /**
   * Frees what the backend owns: threads, pooled memory. Its tensors must not be used any more. Whoever makes a backend
   * closes it: its threads keep it where it is only dropped.
   */
  @Override
  void close();
}
