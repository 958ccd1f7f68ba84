package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import java.util.List;
import java.util.Locale;

/** Checks that the shape rules share. */
final class Rules {
  private Rules() {}

  /** The name of an operation that an enum constant tells apart. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static void count(Op op, Spec[] inputs, int least, int most) {
    if (inputs.length < least || inputs.length > most) {
      String wanted = least == most ? "" + least : least + " to " + most;
      throw new ShapeException(op.name() + ": takes " + wanted + " inputs, got " + inputs.length);
    }
  }

  static void check(boolean fits, Op op, String message, Object... arguments) {
    if (!fits) {
      throw new ShapeException(op.name() + ": " + String.format(Locale.ROOT, message, arguments));
    }
  }

  static void plain(Op op, Spec... inputs) {
    for (Spec input : inputs) {
      check(!input.dtype().isBlock(), op, "%s is in a block format; cast it to F32 first", input);
    }
  }

  static void floating(Op op, Spec... inputs) {
    for (Spec input : inputs) {
      check(input.dtype().isFloat(), op, "%s must be floating-point (F64, F32, F16 or BF16)", input);
    }
  }

  /** F32 or F64, the types that products and norms compute in. */
  static void single(Op op, Spec input) {
    check(input.dtype() == DType.F32 || input.dtype() == DType.F64, op, "takes F32 or F64, not %s; cast it", input);
  }

  /** Whether {@code value} is a whole number in the range of an integer type. */
  static boolean holds(DType type, double value) {
    double limit = type == DType.I32 ? 0x1p31 : 0x1p63;
    return value == Math.rint(value) && value >= -limit && value < limit;
  }

  static void index(Op op, Spec input) {
    check(input.dtype().isInteger(), op, "the index %s must be I32 or I64", input);
  }

  static void sameType(Op op, Spec a, Spec b) {
    check(a.dtype() == b.dtype(), op, "%s and %s differ in type; cast one of them", a, b);
  }

  /** Checks {@code input}'s dimensions; −1 admits any length. */
  static void shape(Op op, Spec input, String what, long... dims) {
    boolean fits = input.shape().rank() == dims.length;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = dims[i] < 0 || input.shape().dim(i) == dims[i];
    }
    if (!fits) {
      StringBuilder wanted = new StringBuilder("[");
      for (long dim : dims) {
        wanted.append(wanted.length() == 1 ? "" : ", ").append(dim < 0 ? "any" : "" + dim);
      }
      check(false, op, "%s %s must be %s]", what, input, wanted);
    }
  }

  static Spec[] one(DType dtype, Shape shape) {
    return new Spec[] {Spec.of(dtype, shape)};
  }

  /** {@code axis} of {@code shape} counted from the front. */
  static int axis(Op op, int axis, Shape shape) {
    int rank = shape.rank();
    check(axis >= -rank && axis < rank, op, "no axis %d in %s, which has %d", axis, shape, rank);
    return shape.axis(axis);
  }

  /** Axes counted from the front, ascending, each once. */
  static List<Integer> axes(Op op, List<Integer> axes, Shape shape) {
    List<Integer> sorted = axes.stream().map(axis -> axis(op, axis, shape)).sorted().distinct().toList();
    check(sorted.size() == axes.size(), op, "axes %s of %s name one twice", axes, shape);
    return sorted;
  }
}
