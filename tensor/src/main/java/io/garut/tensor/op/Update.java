package io.garut.tensor.op;

import io.garut.tensor.DType;

/**
 * Operations that write into their first inputs: what changes a parameter, its gradient and an optimizer's state. None
 * has a result, and none a gradient.
 */
public sealed interface Update extends Op {
  @Override
  default int written() {
    return 1;
  }

  /** {@code target += source}. Inputs: target, source of its shape; both F32 or both F64. */
  record Add() implements Update {
    @Override
    public String name() {
      return "add_";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.single(this, inputs[0]);
      same(this, inputs[0], inputs[1], "the source");
      return NOTHING;
    }
  }

  /** {@code target *= factor}. Inputs: target F32 or F64, factor, a scalar of its type. */
  record Scale() implements Update {
    @Override
    public String name() {
      return "mul_";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.single(this, inputs[0]);
      Rules.sameType(this, inputs[0], inputs[1]);
      Rules.shape(this, inputs[1], "the factor");
      return NOTHING;
    }
  }

  /**
   * {@code target = source}, rounded to the target's type as {@link Pointwise.Cast} does it. Inputs: target, source of its
   * shape; of any plain types.
   */
  record Copy() implements Update {
    @Override
    public String name() {
      return "copy_";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.plain(this, inputs);
      Rules.shape(this, inputs[1], "the source", inputs[0].shape().toArray());
      return NOTHING;
    }
  }

  /**
   * One step of AdamW (Loshchilov and Hutter, 2019) as PyTorch's {@code torch.optim.AdamW} computes it. With g the gradient
   * times the factor: {@code p *= 1 − lr·weightDecay; m += (1 − β₁)(g − m); v = β₂v + (1 − β₂)g²;}
   * {@code p −= lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)}.
   *
   * <p>Inputs: p, m, v, gradient, of one shape and all F32 or all F64; schedule [3] F64: learning rate, step t from 1 on,
   * the factor of the gradient (clipping, loss scale). The first three are written.
   */
  record AdamW(double beta1, double beta2, double epsilon, double weightDecay) implements Update {
    @Override
    public String name() {
      return "adamw_";
    }

    @Override
    public int written() {
      return 3;
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 5, 5);
      Rules.single(this, inputs[0]);
      same(this, inputs[0], inputs[1], "the first moment");
      same(this, inputs[0], inputs[2], "the second moment");
      same(this, inputs[0], inputs[3], "the gradient");
      schedule(this, inputs[4]);
      return NOTHING;
    }
  }

  /**
   * One step of gradient descent with momentum (Sutskever et al., 2013) as PyTorch's {@code torch.optim.SGD} computes it,
   * without dampening. With g the gradient times the factor plus weightDecay·p: {@code b = momentum·b + g;}
   * {@code p −= lr·b}, or {@code p −= lr·(g + momentum·b)} with Nesterov's variant.
   *
   * <p>Inputs: p, b, gradient, of one shape and all F32 or all F64; schedule as {@link AdamW}'s. The first two are written.
   */
  record Sgd(double momentum, boolean nesterov, double weightDecay) implements Update {
    @Override
    public String name() {
      return "sgd_";
    }

    @Override
    public int written() {
      return 2;
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 4, 4);
      Rules.single(this, inputs[0]);
      same(this, inputs[0], inputs[1], "the momentum");
      same(this, inputs[0], inputs[2], "the gradient");
      schedule(this, inputs[3]);
      return NOTHING;
    }
  }

  /** No results. */
  Spec[] NOTHING = {};

  private static void same(Op op, Spec target, Spec other, String what) {
    Rules.sameType(op, target, other);
    Rules.shape(op, other, what, target.shape().toArray());
  }

  private static void schedule(Op op, Spec schedule) {
    Rules.check(schedule.dtype() == DType.F64, op, "the schedule %s must be F64", schedule);
    Rules.shape(op, schedule, "the schedule", 3);
  }
}
