package io.garut.tensor.spi;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;

/** What computes: storage, a kernel for every operation, plans. Safe for any number of threads. */
public interface Backend extends Executor, AutoCloseable {
  /** As {@code reference}, {@code cpu} or {@code gpu}. */
  String name();

  /** Memory of the host, for whatever has to lie there. */
  StoragePool pool();

  /** Memory for the elements of a tensor {@code spec}, with anything in it, where this backend computes best. */
  default Storage allocate(Spec spec) {
    return pool().allocate(spec.bytes());
  }

  /** The same of zeros, for what is filled little by little: memory that nothing has touched yet may cost nothing yet. */
  default Storage allocateZeros(Spec spec) {
    return HostStorage.allocate(spec.bytes());
  }

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
