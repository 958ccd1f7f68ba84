package io.garut.tensor.reference;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Product;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Matrix products, summed in double precision and rounded once. */
final class ProductLoops {
  private ProductLoops() {}

  static Kernel bind(Product op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Product.MatMul matMul -> matMul(matMul, inputs, outputs[0]);
      case Product.Linear(var activation) -> linear(op, activation, inputs, outputs[0]);
    };
  }

  private static Kernel matMul(Product.MatMul op, Tensor[] inputs, Tensor output) {
    Cells a = Cells.of(op, inputs[0]);
    Cells b = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    int rank = output.shape().rank();
    int rows = Math.toIntExact(output.shape().dim(-2));
    int columns = Math.toIntExact(output.shape().dim(-1));
    int depth = Math.toIntExact(inputs[0].shape().dim(op.transposeA() ? -2 : -1));
    Shape batch = output.shape().range(0, rank - 2);
    long[] stepA = batchStrides(inputs[0].shape(), batch);
    long[] stepB = batchStrides(inputs[1].shape(), batch);
    double[] row = new double[depth];
    double[] sums = new double[columns];
    return () -> {
      Walk walk = new Walk(batch, stepA, stepB);
      for (long i = 0; i < batch.elements(); i++) {
        for (int m = 0; m < rows; m++) {
          for (int k = 0; k < depth; k++) {
            row[k] = a.number(walk.at(0) + (op.transposeA() ? (long) k * rows + m : (long) m * depth + k));
          }
          multiply(row, b, walk.at(1), op.transposeB(), sums);
          for (int n = 0; n < columns; n++) {
            out.put((i * rows + m) * columns + n, sums[n]);
          }
        }
        walk.next();
      }
    };
  }

  /** The strides of the leading axes of a stack of matrices, read as broadcast to {@code batch}. */
  private static long[] batchStrides(Shape stack, Shape batch) {
    int rank = stack.rank();
    long[] strides = Walk.stretched(stack.range(0, rank - 2), batch);
    long matrix = stack.product(rank - 2, rank);
    for (int i = 0; i < strides.length; i++) {
      strides[i] *= matrix;
    }
    return strides;
  }

  /** A row vector times the matrix that begins at {@code base}. */
  private static void multiply(double[] row, Cells b, long base, boolean transposed, double[] sums) {
    int depth = row.length;
    int columns = sums.length;
    if (transposed) {
      for (int n = 0; n < columns; n++) {
        sums[n] = b.dot(row, base + (long) n * depth, depth);
      }
    } else {
      Arrays.fill(sums, 0);
      for (int k = 0; k < depth; k++) {
        b.addTo(sums, row[k], base + (long) k * columns, columns);
      }
    }
  }

  private static Kernel linear(Op op, Activation activation, Tensor[] inputs, Tensor output) {
    Cells x = Cells.of(op, inputs[0]);
    Cells weight = Cells.of(op, inputs[1]);
    Cells bias = inputs.length == 3 ? Cells.of(op, inputs[2]) : null;
    Cells out = Cells.of(op, output);
    int depth = Math.toIntExact(inputs[1].shape().dim(1));
    long columns = inputs[1].shape().dim(0);
    long rows = out.count / columns;
    DoubleUnaryOperator bend = Functions.of(activation);
    double[] row = new double[depth];
    return () -> {
      for (long n = 0; n < columns; n++) {
        weight.read(n * depth, row, depth); // decoded once for all rows of x
        double shift = bias == null ? 0 : bias.number(n);
        for (long m = 0; m < rows; m++) {
          out.put(m * columns + n, bend.applyAsDouble(x.dot(row, m * depth, depth) + shift));
        }
      }
    };
  }
}
