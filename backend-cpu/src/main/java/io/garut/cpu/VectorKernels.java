package io.garut.cpu;

import io.garut.cpu.creation.CreationKernels;
import io.garut.cpu.indexing.IndexingKernels;
import io.garut.cpu.layer.LayerKernels;
import io.garut.cpu.movement.MovementKernels;
import io.garut.cpu.pointwise.PointwiseKernels;
import io.garut.cpu.product.ProductKernels;
import io.garut.cpu.reduction.ReductionKernels;
import io.garut.cpu.update.UpdateKernels;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Kernel;

/** Chooses the kernel of every operation. */
final class VectorKernels {
  private VectorKernels() {}

  static Kernel bind(WorkerPool pool, Op op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Creation creation -> CreationKernels.bind(pool, creation, outputs);
      case Pointwise pointwise -> PointwiseKernels.bind(pool, pointwise, inputs, outputs);
      case Movement movement -> MovementKernels.bind(pool, movement, inputs, outputs);
      case Indexing indexing -> IndexingKernels.bind(pool, indexing, inputs, outputs);
      case Reduction reduction -> ReductionKernels.bind(pool, reduction, inputs, outputs);
      case Product product -> ProductKernels.bind(pool, product, inputs, outputs);
      case Layer layer -> LayerKernels.bind(pool, layer, inputs, outputs);
      case Backward.Activate activate -> PointwiseKernels.bind(pool, activate, inputs, outputs);
      case Backward backward -> LayerKernels.bind(pool, backward, inputs, outputs);
      case Update update -> UpdateKernels.bind(pool, update, inputs);
    };
  }
}
