package io.garut.tensor.reference;

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

/**
 * The plain loops as kernels, for the reference and for whatever a faster backend over host memory has no kernel for.
 */
public final class ReferenceKernels {
  private ReferenceKernels() {}

  /**
   * The plain loop for {@code op} over these operands. Running it reads the inputs as they are then. It has buffers of
   * its own, so it runs in one thread at a time.
   *
   * @param inputs live, in plain host memory, of types and shapes that {@link Op#infer} has accepted
   * @param outputs as {@code infer} describes them, in plain host memory; not all of them empty
   * @throws IllegalStateException if an operand is not in plain host memory
   */
  public static Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Creation creation -> CreationLoops.bind(creation, outputs);
      case Pointwise pointwise -> PointwiseLoops.bind(pointwise, inputs, outputs);
      case Movement movement -> MovementLoops.bind(movement, inputs, outputs);
      case Indexing indexing -> IndexingLoops.bind(indexing, inputs, outputs);
      case Reduction reduction -> ReductionLoops.bind(reduction, inputs, outputs);
      case Product product -> ProductLoops.bind(product, inputs, outputs);
      case Layer layer -> LayerLoops.bind(layer, inputs, outputs);
      case Backward backward -> BackwardLoops.bind(backward, inputs, outputs);
      case Update update -> UpdateLoops.bind(update, inputs);
    };
  }
}
