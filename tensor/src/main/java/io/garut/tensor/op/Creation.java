package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;

/** Operations that make a tensor from nothing. */
public sealed interface Creation extends Op {
  /** The type of the result. */
  DType dtype();

  /** The shape of the result. */
  Shape shape();

  @Override
  default Spec[] infer(Spec... inputs) {
    Rules.count(this, inputs, 0, 0);
    Rules.check(!dtype().isBlock(), this, "%s is a block format; make F32 and cast it", dtype());
    return Rules.one(dtype(), shape());
  }

  /** {@code value} everywhere; for BOOL, not zero is true. An integer type takes whole numbers in its range only. */
  record Full(DType dtype, Shape shape, double value) implements Creation {
    @Override
    public String name() {
      return "full";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.check(!dtype.isInteger() || Rules.holds(dtype, value), this, "%s is not of type %s", value, dtype);
      return Creation.super.infer(inputs);
    }
  }

  /**
   * {@code start + i·step} at index i of a vector, computed in F64 and rounded. An integer type takes whole numbers only,
   * and wraps past its range.
   */
  record Arange(DType dtype, long count, double start, double step) implements Creation {
    @Override
    public String name() {
      return "arange";
    }

    @Override
    public Shape shape() {
      return Shape.of(count);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.check(dtype.isFloat() || dtype.isInteger(), this, "cannot count in %s", dtype);
      boolean fits = dtype.isFloat() || Rules.holds(dtype, start) && Rules.holds(dtype, step);
      Rules.check(fits, this, "%s and %s are not both of type %s", start, step, dtype);
      return Creation.super.infer(inputs);
    }
  }

  /**
   * Uniform on [0, 1), F64 or F32: element i is the upper 53 or 24 bits of {@link SplitMix64#bits}. The values depend
   * on seed and index only.
   */
  record Rand(DType dtype, Shape shape, long seed) implements Creation {
    @Override
    public String name() {
      return "rand";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.single(this, Spec.of(dtype, shape));
      return Creation.super.infer(inputs);
    }
  }

  /** Standard normal, F64 or F32: element i is {@link SplitMix64#normal}. */
  record Randn(DType dtype, Shape shape, long seed) implements Creation {
    @Override
    public String name() {
      return "randn";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.single(this, Spec.of(dtype, shape));
      return Creation.super.infer(inputs);
    }
  }
}
