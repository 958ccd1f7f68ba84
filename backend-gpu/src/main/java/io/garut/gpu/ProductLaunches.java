package io.garut.gpu;

import io.garut.gpu.kernel.Weights;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;

/** Products. */
final class ProductLaunches {
  private static final int TILE = 32;
  private static final int FEW = 8; // rows for which weights are read anew rather than shared in tiles
  private static final int MOST_AXES = 8;
  private static final float[] NO_FACTORS = {};

  private ProductLaunches() {}

  static boolean bind(Product op, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    return switch (op) {
      case Product.Linear(Activation activation) -> linear(activation, inputs, outputs[0], operands);
      case Product.MatMul matMul -> matMul(matMul, inputs, outputs[0], operands);
    };
  }

  /** Where a weight is, and in which form; {@code aside} is where its scales are, or the table of halves. */
  record Weight(int form, int begin, int aside) {
    /** Null if kernels cannot read it. */
    static Weight of(Tensor weight, Operands operands) {
      if (weight.storage() instanceof BlockStorage blocks) {
        return new Weight(blocks.form(), blocks.begin(), blocks.scales());
      }
      int form = switch (weight.dtype()) {
        case F32 -> Weights.F32;
        case F16 -> Weights.F16;
        case BF16 -> Weights.BF16;
        case F64, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> -1;
      };
      int begin;
      if (weight.storage() instanceof PreparedWeights.Piece piece) {
        begin = operands.read(piece.elements());
      } else if (form >= 0 && weight.byteOffset() % Float.BYTES == 0) { // halves begin with a word
        begin = operands.read(weight);
      } else {
        return null;
      }
      return new Weight(form, begin, form == Weights.F32 ? 0 : operands.halves());
    }
  }

  private static boolean linear(Activation activation, Tensor[] inputs, Tensor y, Operands operands) {
    if (y.dtype() != DType.F32) {
      return false;
    }
    Weight weight = Weight.of(inputs[1], operands);
    if (weight == null) {
      return false;
    }
    int depth = Math.toIntExact(inputs[1].shape().dim(1));
    int columns = Math.toIntExact(inputs[1].shape().dim(0));
    int rows = Math.toIntExact(y.elements() / columns);
    int x = operands.read(inputs[0]);
    int bias = inputs.length == 3 ? operands.read(inputs[2]) : -1;
    int to = operands.written(y);
    if (rows <= FEW) {
      Code code = switch (weight.form) {
        case Weights.F32 -> Code.LINEAR_F32;
        case Weights.Q8 -> Code.LINEAR_Q8;
        case Weights.Q4 -> Code.LINEAR_Q4;
        default -> Code.LINEAR_HALF;
      };
      operands.launchGroups(
          code, columns, rows, () -> NO_FACTORS, x, weight.begin, bias, to, depth, columns, activation.ordinal(),
          weight.aside, weight.form);
    } else {
      operands.launchGroups(
          Code.PRODUCT, Math.ceilDiv(rows, TILE), Math.ceilDiv(columns, TILE), () -> NO_FACTORS, x, weight.begin, bias, to,
          rows, columns, depth, depth, 1, 1, depth, activation.ordinal(), weight.form, weight.aside, 0);
    }
    return true;
  }

  private static boolean matMul(Product.MatMul op, Tensor[] inputs, Tensor y, Operands operands) {
    Shape a = inputs[0].shape();
    Shape b = inputs[1].shape();
    int axes = y.shape().rank() - 2;
    if (!Launches.areFloats(inputs) || axes > MOST_AXES) {
      return false;
    }
    int rows = Math.toIntExact(y.shape().dim(-2));
    int columns = Math.toIntExact(y.shape().dim(-1));
    int depth = Math.toIntExact(a.dim(op.transposeA() ? -2 : -1));
    int batch = Math.toIntExact(y.elements() / rows / columns);
    int[] numbers = new int[15 + 3 * axes + 1];
    int[] first = {
      operands.read(inputs[0]), operands.read(inputs[1]), -1, operands.written(y), rows, columns, depth,
      op.transposeA() ? 1 : depth, op.transposeA() ? rows : 1, op.transposeB() ? 1 : columns, op.transposeB() ? depth : 1,
      Activation.IDENTITY.ordinal(), Weights.F32, 0, axes
    };
    System.arraycopy(first, 0, numbers, 0, first.length);
    for (int i = 0; i < axes; i++) {
      numbers[15 + 3 * i] = Math.toIntExact(y.shape().dim(i));
      numbers[16 + 3 * i] = step(a, axes, i);
      numbers[17 + 3 * i] = step(b, axes, i);
    }
    numbers[15 + 3 * axes] = batch;
    if (rows == 1 && op.transposeB() && batch == 1) {
      operands.launchGroups(
          Code.LINEAR_F32, columns, 1, () -> NO_FACTORS, numbers[0], numbers[1], -1, numbers[3], depth, columns,
          Activation.IDENTITY.ordinal());
    } else if (rows == 1 && !op.transposeB()) {
      operands.launch(Code.PRODUCT_ROW, y.elements(), numbers);
    } else {
      operands.launchGroups(
          Code.PRODUCT, (long) Math.ceilDiv(rows, TILE) * batch, Math.ceilDiv(columns, TILE), () -> NO_FACTORS, numbers);
    }
    return true;
  }

  /** How far apart neighbours along axis {@code i} of {@code axes} are in a stack of matrices; 0 where it is broadcast. */
  private static int step(Shape stack, int axes, int i) {
    int axis = stack.rank() - 2 - axes + i;
    return axis < 0 || stack.dim(axis) == 1 ? 0 : Math.toIntExact(stack.product(axis + 1, stack.rank()));
  }
}
