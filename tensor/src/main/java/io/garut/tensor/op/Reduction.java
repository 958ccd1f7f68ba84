package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/** Operations that sum up an axis, or look along one. */
public sealed interface Reduction extends Op {
  /** How elements are put together. */
  enum Fold {
    /** Their sum. */
    SUM,
    /** Their mean; of floating-point types. */
    MEAN,
    /** Their product. */
    PROD,
    /** The largest; NaN if there is one. */
    MAX,
    /** The smallest; NaN if there is one. */
    MIN,
    /** Whether any is true; of BOOL. */
    ANY,
    /** Whether all are true; of BOOL. */
    ALL
  }

  /** {@code fold} over {@code axes}, over all if the list is empty; the axes vanish or stay with length 1. */
  record Reduce(Fold fold, List<Integer> axes, boolean keepDims) implements Reduction {
    /** Copies the list. */
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public String name() {
      return Rules.name(fold);
    }

    /** The reduced axes of {@code shape}, counted from the front, ascending. */
    public List<Integer> axes(Shape shape) {
      return axes.isEmpty() ? IntStream.range(0, shape.rank()).boxed().toList() : Rules.axes(this, axes, shape);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      DType type = inputs[0].dtype();
      boolean fits =
          switch (fold) {
            case ANY, ALL -> type == DType.BOOL;
            case MEAN -> type.isFloat();
            case SUM, PROD, MAX, MIN -> type.isFloat() || type.isInteger();
          };
      Rules.check(fits, this, "does not take %s", inputs[0]);
      Shape shape = inputs[0].shape();
      List<Integer> gone = axes(shape);
      for (int i = gone.size() - 1; i >= 0; i--) {
        boolean empty = shape.dim(gone.get(i)) == 0;
        Rules.check(!empty || fold != Fold.MAX && fold != Fold.MIN, this, "of no elements, in %s", inputs[0]);
        shape = keepDims ? shape.with(gone.get(i), 1) : shape.without(gone.get(i));
      }
      return Rules.one(type, shape);
    }
  }

  /** The index, I64, of the largest (or smallest) element along {@code axis}: the first of equals; NaN wins. */
  record ArgMax(int axis, boolean smallest, boolean keepDims) implements Reduction {
    @Override
    public String name() {
      return smallest ? "argmin" : "argmax";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      DType type = inputs[0].dtype();
      Rules.check(type.isFloat() || type.isInteger(), this, "does not take %s", inputs[0]);
      Shape shape = inputs[0].shape();
      Rules.check(shape.dim(Rules.axis(this, axis, shape)) > 0, this, "of no elements, in %s", inputs[0]);
      return Rules.one(DType.I64, keepDims ? shape.with(axis, 1) : shape.without(axis));
    }
  }

  /**
   * The {@code k} largest along the last axis, descending, NaN before all, equals by index; results: values, and indices as
   * I64.
   */
  record TopK(int k) implements Reduction {
    @Override
    public String name() {
      return "top_k";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Spec input = inputs[0];
      Rules.check(input.dtype().isFloat() || input.dtype().isInteger(), this, "does not take %s", input);
      boolean fits = input.shape().rank() > 0 && k >= 0 && k <= input.shape().last();
      Rules.check(fits, this, "%s does not have %d along its last axis", input, k);
      Shape shape = input.shape().with(-1, k);
      return new Spec[] {Spec.of(input.dtype(), shape), Spec.of(DType.I64, shape)};
    }
  }

  /** exp(x − max)/Σ along {@code axis}, or its logarithm. */
  record Softmax(int axis, boolean log) implements Reduction {
    @Override
    public String name() {
      return log ? "log_softmax" : "softmax";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.floating(this, inputs);
      Shape shape = inputs[0].shape();
      Rules.check(shape.dim(Rules.axis(this, axis, shape)) > 0, this, "of no elements, in %s", inputs[0]);
      return Rules.one(inputs[0].dtype(), shape);
    }
  }

  /**
   * Σx² of each run of {@code run} elements in row-major order, the last one shorter: [⌈elements/run⌉] F64, added up in
   * double precision. Sums over many tensors, or parts of them, that are added in one order are then the same however the
   * parts are spread. Takes F32 and F64.
   */
  record SquareSums(long run) implements Reduction {
    @Override
    public String name() {
      return "square_sums";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.single(this, inputs[0]);
      Rules.check(run > 0, this, "runs of %d elements", run);
      return Rules.one(DType.F64, Shape.of(Math.ceilDiv(inputs[0].shape().elements(), run)));
    }
  }

  /**
   * The index, a scalar I64, of the first element in row-major order that is infinite or not a number; −1 where all are
   * finite. Takes floating-point and block types (what they decode to is looked at).
   */
  record FirstNonFinite() implements Reduction {
    @Override
    public String name() {
      return "first_non_finite";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.check(inputs[0].dtype().isFloat() || inputs[0].dtype().isBlock(), this, "does not take %s", inputs[0]);
      return Rules.one(DType.I64, Shape.scalar());
    }
  }
}
