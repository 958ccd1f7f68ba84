package io.garut.gpu;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;

/** What flows back through activations and the coarse operations. */
final class BackwardLaunches {
  private static final float[] NO_FACTORS = {};

  private BackwardLaunches() {}

  static boolean bind(Backward op, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    return switch (op) {
      case Backward.Activate(Activation activation) -> activate(activation, inputs, outputs[0], operands);
      case Backward.LayerNorm(double epsilon) -> layerNorm(epsilon, inputs, outputs, operands);
      case Backward.Attention(float scale) -> attention(op, scale, inputs, outputs, operands);
      case Backward.CrossEntropy _ -> crossEntropy(op, inputs, outputs[0], operands);
    };
  }

  private static boolean activate(Activation activation, Tensor[] inputs, Tensor dx, Operands operands) {
    if (!Launches.areFloats(inputs)) {
      return false;
    }
    operands.launch(
        Code.SLOPE, dx.elements(), operands.read(inputs[0]), operands.read(inputs[1]), operands.written(dx),
        Math.toIntExact(dx.elements()), activation.ordinal());
    return true;
  }

  private static boolean layerNorm(double epsilon, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    Tensor x = inputs[0];
    if (!Launches.areFloats(inputs) || x.elements() == 0) {
      return false;
    }
    float[] factors = {(float) epsilon};
    int width = Math.toIntExact(x.shape().last());
    int rows = Math.toIntExact(x.elements() / width);
    int from = operands.read(x);
    int weight = operands.read(inputs[1]);
    int dy = operands.read(inputs[2]);
    int dx = operands.written(outputs[0]);
    // dx holds the normed rows meanwhile
    operands.launchGroups(Code.NORMED, rows, 1, () -> factors, from, dx, width);
    operands.launchGroups(
        Code.NORM_SUMS, Math.ceilDiv(width, 8), 1, () -> NO_FACTORS, dx, dy, operands.written(outputs[1]),
        operands.written(outputs[2]), rows, width);
    operands.launchGroups(Code.LAYER_NORM_BACKWARD, rows, 1, () -> factors, from, weight, dy, dx, width);
    return true;
  }

  private static boolean attention(Backward op, float scale, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    Shape q = inputs[0].shape();
    if (!Launches.areFloats(inputs[0], inputs[1], inputs[2], inputs[4]) || q.dim(2) < 2) {
      return false; // two numbers of each head lie in its gradient meanwhile
    }
    LayerLaunches.checkStarts(op, inputs[3], operands);
    float[] factors = {scale};
    long groups = inputs[1].shape().dim(1);
    int[] numbers = {
      operands.read(inputs[0]), operands.read(inputs[1]), operands.read(inputs[2]), operands.read(inputs[3]),
      operands.read(inputs[4]), operands.written(outputs[0]), operands.written(outputs[1]), operands.written(outputs[2]),
      Math.toIntExact(q.dim(1)), Math.toIntExact(groups), Math.toIntExact(q.dim(2)), Math.toIntExact(q.dim(0))
    };
    operands.launchGroups(Code.ATTENTION_NORMS, q.dim(0), q.dim(1), () -> factors, numbers);
    operands.launchGroups(Code.ATTENTION_KEYS, q.dim(0), groups, () -> factors, numbers);
    operands.launchGroups(Code.ATTENTION_QUERIES, q.dim(0), q.dim(1), () -> factors, numbers);
    return true;
  }

  private static boolean crossEntropy(Backward op, Tensor[] inputs, Tensor dlogits, Operands operands) {
    if (!Launches.areFloats(inputs[0], inputs[2])) {
      return false;
    }
    LayerLaunches.checkLabels(op, inputs[1], dlogits.shape().dim(1), operands);
    operands.launchGroups(
        Code.CROSS_ENTROPY_BACKWARD, dlogits.shape().dim(0), 1, () -> NO_FACTORS, operands.read(inputs[0]),
        operands.read(inputs[1]), operands.read(inputs[2]), operands.written(dlogits),
        Math.toIntExact(dlogits.shape().dim(1)));
    return true;
  }
}
