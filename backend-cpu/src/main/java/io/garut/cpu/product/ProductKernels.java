package io.garut.cpu.product;

import io.garut.cpu.Operands;
import io.garut.cpu.PackedStorage;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.matmul.Epilogue;
import io.garut.cpu.matmul.PackedLinear;
import io.garut.cpu.matmul.PackedWeights;
import io.garut.cpu.pointwise.FloatMap;
import io.garut.cpu.pointwise.FloatMaps;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.Storage;

/** Chooses kernels for products of matrices, and packs weights. F64 goes to the plain loops. */
public final class ProductKernels {
  private ProductKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Product op, Tensor[] in, Tensor[] out) {
    boolean single = in[0].dtype() == DType.F32;
    return switch (op) {
      case Product.MatMul product when single -> MatMulKernel.of(pool, product, in, out[0]);
      case Product.Linear linear when single && in[0].shape().last() > 0 -> linear(pool, linear, in, out[0]);
      case Product.MatMul _, Product.Linear _ -> ReferenceKernels.bind(op, in, out);
    };
  }

  private static Kernel linear(WorkerPool pool, Product.Linear op, Tensor[] in, Tensor out) {
    Shape shape = in[0].shape();
    int rows = Operands.size(shape.elements() / shape.last());
    int width = Operands.size(shape.last());
    int results = Operands.size(out.shape().last());
    long x = Operands.address(op, in[0]);
    long bias = in.length == 3 ? Operands.address(op, in[2]) : 0;
    long y = Operands.address(op, out);
    if (in[1].storage() instanceof PackedStorage packed) {
      Epilogue epilogue = epilogue(pool, op.activation());
      return new PackedLinear(pool, packed.weights(), rows, x, 4L * width, bias, y, 4L * results, epilogue)::run;
    }
    long weight = Operands.address(op, in[1]);
    DType type = in[1].dtype();
    Kernel product =
        rows == 1
            ? new PlainMatVec(pool, type, weight, results, width, x, y)
            : new PlainProduct(pool, type, weight, results, width, x, rows, y);
    if (bias == 0 && op.activation() == Activation.IDENTITY) {
      return product;
    }
    Kernel finish = new FinishKernel(pool, bias, FloatMaps.of(op.activation()), y, rows, results);
    return () -> {
      product.run();
      finish.run();
    };
  }

  /** What a layer with packed weights does to its results after the bias; null for nothing. */
  private static Epilogue epilogue(WorkerPool pool, Activation activation) {
    if (activation == Activation.IDENTITY) {
      return null;
    }
    FloatMap map = FloatMaps.of(activation);
    return (address, row, column, count) -> map.apply(pool, address, address, count);
  }

  /** {@link io.garut.tensor.spi.Backend#prepare}: in panels, if there are kernels that read them. */
  public static Storage prepare(WorkerPool pool, Tensor weight) {
    Shape shape = weight.shape();
    if (shape.rank() != 2 || shape.elements() == 0 || !PackedWeights.supports(weight.dtype())) {
      weight.requireFinite();
      return weight.storage();
    }
    int rows = Operands.size(shape.dim(0));
    int columns = Operands.size(shape.dim(1));
    long source = weight.segment().address();
    PackedWeights packed = PackedWeights.pack(pool, weight.dtype(), rows, columns, source);
    if (packed.firstNonFinite() >= 0) {
      packed.close();
      throw Tensor.notFinite(weight.spec(), packed.firstNonFinite());
    }
    return new PackedStorage(pool, packed);
  }
}
