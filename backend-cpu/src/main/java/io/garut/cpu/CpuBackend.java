package io.garut.cpu;

import io.garut.cpu.product.ProductKernels;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.KernelBackend;
import io.garut.tensor.spi.Storage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Vector kernels on a pool of threads. Results are the same bits on every run, whatever the number of threads and
 * whatever the JVM has compiled; they may differ between vector widths.
 *
 * <p>Operations off the path of a model, and types other than F32 in most of the others, go to the plain loops of
 * {@link ReferenceKernels}; {@link VectorKernels} says which. Where the Vector API is missing, or has been turned
 * off, all do.
 */
public final class CpuBackend extends KernelBackend {
  static final String NAME = "cpu";

  private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);

  private final WorkerPool workers;
  private final boolean vectors;

  /**
   * A backend with threads of its own.
   *
   * @param threads that compute, the calling thread included
   * @throws IllegalArgumentException if there is none
   */
  public CpuBackend(int threads) {
    vectors = SimdSupport.available();
    if (!SimdSupport.modulePresent()) {
      LOG.warn(
          "The Vector API is missing: computing with plain loops, some ten to fifty times slower. Start java with {}.",
          SimdSupport.FLAG);
    } else if (!vectors) {
      LOG.warn(
          "Vectors are turned off by {}=0: computing with plain loops, some ten to fifty times slower. Unset it.",
          SimdSupport.PROPERTY);
    } else if (SimdSupport.requestedBits() > Simd.BITS) {
      LOG.warn(
          "{} asks for vectors of {} bits, and this machine's have {}: computing with those.",
          SimdSupport.PROPERTY,
          SimdSupport.requestedBits(),
          Simd.BITS);
    }
    workers = new WorkerPool(threads);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
    // VectorKernels and what it leads to must not be loaded without the Vector API
    return vectors ? VectorKernels.bind(workers, op, inputs, outputs) : ReferenceKernels.bind(op, inputs, outputs);
  }

  @Override
  public Storage prepare(Tensor weight) {
    boolean plain = weight.storage() instanceof HostStorage; // else it has been prepared
    if (!plain) {
      return weight.storage();
    }
    return vectors ? ProductKernels.prepare(workers, weight) : super.prepare(weight);
  }

  /** {@link KernelBackend#address} for the other packages of this module. */
  static long addressOf(Op op, Tensor tensor) {
    return address(op, tensor);
  }

  @Override
  public void close() {
    workers.close();
    super.close();
  }
}
