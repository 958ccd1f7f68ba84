package io.garut.train.autograd;

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

/** The table: for each operation the operations that go back through it. */
final class GradientRules {
  private GradientRules() {}

  /**
   * The way back through {@code op}; null where its results are constant wherever they are defined (comparisons, rounding,
   * indices), so that nothing flows.
   *
   * @throws UnsupportedOperationException if there is none
   */
  static Pullback of(Op op, Call call) {
    return switch (op) {
      case Creation _ -> null;
      case Pointwise pointwise -> PointwiseRules.of(pointwise, call);
      case Movement movement -> MovementRules.of(movement, call);
      case Indexing indexing -> IndexingRules.of(indexing, call);
      case Reduction reduction -> ReductionRules.of(reduction, call);
      case Product product -> ProductRules.of(product, call);
      case Layer layer -> LayerRules.of(layer, call);
      case Backward _ -> throw call.refused("gradients of gradients are not computed");
      case Update _ -> throw call.refused("it writes in place");
    };
  }
}
