package io.garut.train.autograd;

import static io.garut.train.autograd.Adjoint.sumTo;
import static io.garut.train.autograd.Adjoint.wide;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;

/** Matrix products. */
final class ProductRules {
  private ProductRules() {}

  static Pullback of(Product op, Call call) {
    return switch (op) {
      case Product.MatMul matMul -> matMul(matMul, call);
      case Product.Linear(var activation) -> linear(activation, call);
    };
  }

  private static Pullback matMul(Product.MatMul op, Call call) {
    boolean ta = op.transposeA();
    boolean tb = op.transposeB();
    Shape shapeA = call.shape(0);
    Shape shapeB = call.shape(1);
    Supplier<Tensor> b = call.keepFor(0, 1);
    Supplier<Tensor> a = call.keepFor(1, 0);
    return call.back(
        dy -> sumTo(ta ? product(b.get(), tb, dy, true) : product(dy, false, b.get(), !tb), shapeA),
        dy -> sumTo(tb ? product(dy, true, a.get(), ta) : product(a.get(), !ta, dy, false), shapeB));
  }

  /** y = x·wᵀ + b: dx = dy·w, dw = dyᵀ·x, db = Σdy. */
  private static Pullback linear(Activation activation, Call call) {
    if (activation != Activation.IDENTITY) {
      throw new AssertionError("the tape takes the activation apart");
    }
    Shape shape = call.shape(0);
    Supplier<Tensor> weight = call.keepFor(0, 1);
    Supplier<Tensor> x = call.keepFor(1, 0);
    return call.back(
        dy -> product(rows(dy), false, wide(weight.get()), false).reshape(shape.toArray()),
        dy -> product(rows(dy), true, rows(x.get()), false),
        dy -> rows(dy).sum(0));
  }

  private static Tensor rows(Tensor x) {
    return x.reshape(x.elements() / Math.max(1, x.shape().last()), x.shape().last());
  }

  private static Tensor product(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    return Executor.current().apply(new Product.MatMul(transposeA, transposeB), a, b)[0];
  }
}
