package io.garut.cpu.indexing;

import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for operations that address elements by indices. Those off a model's path go to the plain loops. */
public final class IndexingKernels {
  private IndexingKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Indexing op, Tensor[] in, Tensor[] out) {
    return switch (op) {
      case Indexing.Gather gather -> ReferenceKernels.bind(gather, in, out);
      case Indexing.Scatter scatter -> ReferenceKernels.bind(scatter, in, out);
      case Indexing.IndexSelect select -> new IndexSelectKernel(pool, select, in, out[0]);
      case Indexing.SegmentSum sum when in[0].dtype() == DType.F32 -> SegmentSumKernel.of(pool, sum, in, out[0]);
      case Indexing.SegmentSum sum -> ReferenceKernels.bind(sum, in, out);
      case Indexing.Embedding embedding -> EmbeddingKernel.of(pool, embedding, in, out[0]);
    };
  }
}
