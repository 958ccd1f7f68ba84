package io.garut.gpu;

import io.garut.tensor.DType;
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

/** Which operations have kernels on the device, family by family. */
final class Launches {
  private Launches() {}

  /** Adds the launches of {@code op} to {@code operands}; false, without any, if it has no kernel for these operands. */
  static boolean bind(Op op, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    return switch (op) {
      case Product product -> ProductLaunches.bind(product, inputs, outputs, operands);
      case Movement movement -> MovementLaunches.bind(movement, inputs, outputs, operands);
      case Update update -> UpdateLaunches.bind(update, inputs, operands);
      case Pointwise pointwise -> PointwiseLaunches.bind(pointwise, inputs, outputs[0], operands);
      case Reduction reduction -> ReductionLaunches.bind(reduction, inputs, outputs[0], operands);
      case Creation creation -> CreationLaunches.bind(creation, outputs[0], operands);
      case Indexing.Embedding embedding -> LayerLaunches.embedding(embedding, inputs[0], inputs[1], outputs[0], operands);
      case Indexing indexing -> IndexingLaunches.bind(indexing, inputs, outputs[0], operands);
      case Layer layer -> LayerLaunches.bind(layer, inputs, outputs, operands);
      case Backward backward -> BackwardLaunches.bind(backward, inputs, outputs, operands);
    };
  }

  /** Whether all are F32, in storage that a kernel can reach. */
  static boolean areFloats(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != DType.F32 || !tensor.storage().isPlain()) {
        return false;
      }
    }
    return true;
  }
}
