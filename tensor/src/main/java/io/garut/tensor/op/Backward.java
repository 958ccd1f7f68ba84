package io.garut.tensor.op;

import io.garut.tensor.DType;
import java.util.Arrays;

/**
 * What flows back through an operation for which ordinary ones would be slow: the product of a gradient with its
 * Jacobian. {@code dy} is always the gradient of some scalar with respect to the operation's result, and the results
 * are the gradients with respect to its inputs. All F32, or all F64. These have no gradient themselves.
 */
public sealed interface Backward extends Op {
  /** Of {@link Pointwise.Activate}. Inputs: x, dy of the same shape → dx. */
  record Activate(Activation activation) implements Backward {
    @Override
    public String name() {
      return Rules.name(activation) + "_backward";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.single(this, inputs[0]);
      like(this, inputs[1], "dy", inputs[0]);
      return Rules.one(inputs[0].dtype(), inputs[0].shape());
    }
  }

  /** Of {@link Layer.LayerNorm}. Inputs: x [.., N], weight [N], dy [.., N] → dx, dweight, dbias. */
  record LayerNorm(double epsilon) implements Backward {
    @Override
    public String name() {
      return "layer_norm_backward";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 3, 3);
      Spec x = inputs[0];
      Rules.single(this, x);
      Rules.check(x.shape().rank() > 0, this, "%s needs an axis", x);
      Rules.sameType(this, x, inputs[1]);
      Rules.shape(this, inputs[1], "the weight", x.shape().last());
      like(this, inputs[2], "dy", x);
      Spec weight = Spec.of(x.dtype(), inputs[1].shape());
      return new Spec[] {Spec.of(x.dtype(), x.shape()), weight, weight};
    }
  }

  /**
   * Of {@link Layer.Attention}. Inputs: q [T, H, D], k and v [T, G, D], starts [T] I32, dy [T, H, D] → dq, dk, dv. The
   * probabilities are computed again (Dao et al., "FlashAttention", 2022), so that nothing of size T² is kept.
   */
  record Attention(float scale) implements Backward {
    @Override
    public String name() {
      return "attention_backward";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 5, 5);
      new Layer.Attention(scale).infer(Arrays.copyOf(inputs, 4));
      like(this, inputs[4], "dy", inputs[0]);
      DType type = inputs[0].dtype();
      return new Spec[] {
        Spec.of(type, inputs[0].shape()), Spec.of(type, inputs[1].shape()), Spec.of(type, inputs[2].shape())
      };
    }
  }

  /** Of {@link Layer.CrossEntropy}. Inputs: logits [T, V], labels [T] I32, dy [T] → dlogits [T, V]. */
  record CrossEntropy() implements Backward {
    @Override
    public String name() {
      return "cross_entropy_backward";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 3, 3);
      new Layer.CrossEntropy().infer(inputs[0], inputs[1]);
      Rules.sameType(this, inputs[0], inputs[2]);
      Rules.shape(this, inputs[2], "dy", inputs[0].shape().dim(0));
      return Rules.one(inputs[0].dtype(), inputs[0].shape());
    }
  }

  private static void like(Op op, Spec input, String what, Spec other) {
    Rules.sameType(op, other, input);
    Rules.shape(op, input, what, other.shape().toArray());
  }
}
