package io.garut.cpu;

import io.garut.cpu.matmul.Epilogue;
import io.garut.cpu.matmul.PackedLinear;
import io.garut.cpu.matmul.PackedWeights;
import io.garut.cpu.pointwise.FloatMap;
import io.garut.cpu.pointwise.FloatMaps;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.Storage;

/** Chooses kernels for products of matrices, and packs weights. */
final class ProductKernels {
  private ProductKernels() {}

  /** The kernel for {@code op}. */
  static Kernel bind(WorkerPool pool, Product op, Tensor[] in, Tensor[] out) {
    return switch (op) {
      case Product.MatMul product -> ReferenceKernels.bind(product, in, out);
      case Product.Linear linear when in[1].storage() instanceof PackedStorage packed ->
          packed(pool, linear, packed.weights(), in, out[0]);
      case Product.Linear linear -> ReferenceKernels.bind(linear, in, out);
    };
  }

  private static Kernel packed(WorkerPool pool, Product.Linear op, PackedWeights weights, Tensor[] in, Tensor out) {
    Shape shape = in[0].shape();
    PackedLinear linear =
        new PackedLinear(
            pool,
            weights,
            Math.toIntExact(shape.elements() / shape.last()),
            Operands.address(op, in[0]),
            4L * weights.columns(),
            in.length == 3 ? Operands.address(op, in[2]) : 0,
            Operands.address(op, out),
            4L * weights.rows(),
            epilogue(pool, op.activation()));
    return linear::run;
  }

  /** What a layer does to its results after the bias; null for nothing. */
  private static Epilogue epilogue(WorkerPool pool, Activation activation) {
    if (activation == Activation.IDENTITY) {
      return null;
    }
    FloatMap map = FloatMaps.of(activation);
    return (address, row, column, count) -> map.apply(pool, address, address, count);
  }

  /** {@link io.garut.tensor.spi.Backend#prepare}: in panels, if there are kernels that read them. */
  static Storage prepare(WorkerPool pool, Tensor weight) {
    Shape shape = weight.shape();
    if (shape.rank() != 2 || shape.elements() == 0 || !PackedWeights.supports(weight.dtype())) {
      weight.requireFinite();
      return weight.storage();
    }
    int rows = Math.toIntExact(shape.dim(0));
    int columns = Math.toIntExact(shape.dim(1));
    long source = weight.segment().address();
    PackedWeights packed = PackedWeights.pack(pool, weight.dtype(), rows, columns, source);
    if (packed.firstNonFinite() >= 0) {
      packed.close();
      throw Tensor.notFinite(weight.spec(), packed.firstNonFinite());
    }
    return new PackedStorage(pool, packed);
  }
}
