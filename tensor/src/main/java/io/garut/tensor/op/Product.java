package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.util.Arrays;

/** Matrix products. */
public sealed interface Product extends Op {
  /**
   * [.., M, K] · [.., K, N] → [.., M, N], leading axes broadcast; F64 or F32. With {@code transposeA} the first input
   * is [.., K, M], with {@code transposeB} the second [.., N, K].
   */
  record MatMul(boolean transposeA, boolean transposeB) implements Product {
    @Override
    public String name() {
      return "matmul";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Spec a = inputs[0];
      Spec b = inputs[1];
      Rules.sameType(this, a, b);
      Rules.single(this, a);
      int ra = a.shape().rank();
      int rb = b.shape().rank();
      Rules.check(ra >= 2 && rb >= 2, this, "%s and %s need two axes or more; reshape a vector to a matrix", a, b);
      boolean inner = a.shape().dim(transposeA ? -2 : -1) == b.shape().dim(transposeB ? -1 : -2);
      String how = (transposeA ? ", the first transposed" : "") + (transposeB ? ", the second transposed" : "");
      Rules.check(inner, this, "inner dimensions differ: %s and %s%s", a, b, how);
      Shape batch = Shape.broadcast(name(), a.shape().range(0, ra - 2), b.shape().range(0, rb - 2));
      long[] dims = Arrays.copyOf(batch.toArray(), batch.rank() + 2);
      dims[batch.rank()] = a.shape().dim(transposeA ? -1 : -2);
      dims[batch.rank() + 1] = b.shape().dim(transposeB ? -2 : -1);
      return Rules.one(a.dtype(), Shape.of(dims));
    }
  }

  /**
   * A fully connected layer with its activation: x [.., K], weight [N, K] in any floating-point or block type, bias [N]
   * or absent → activation(x·weightᵀ + bias) [.., N]. x, bias and result are F32 (or all F64).
   */
  record Linear(Activation activation) implements Product {
    @Override
    public String name() {
      return "linear";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 3);
      Spec x = inputs[0];
      Spec weight = inputs[1];
      Rules.shape(this, weight, "the weight", -1, -1);
      Rules.single(this, x);
      boolean goes =
          x.dtype() == DType.F64
              ? weight.dtype() == DType.F64
              : weight.dtype() != DType.F64 && (weight.dtype().isFloat() || weight.dtype().isBlock());
      Rules.check(goes, this, "weight %s does not go with input %s", weight, x);
      long features = x.shape().last();
      long expected = weight.shape().last();
      boolean fits = x.shape().rank() > 0 && features == expected;
      Rules.check(fits, this, "input %s has %d features, weight %s expects %d", x, features, weight, expected);
      if (inputs.length == 3) {
        Rules.sameType(this, x, inputs[2]);
        Rules.shape(this, inputs[2], "the bias", weight.shape().dim(0));
      }
      return Rules.one(x.dtype(), x.shape().with(-1, weight.shape().dim(0)));
    }
  }
}
