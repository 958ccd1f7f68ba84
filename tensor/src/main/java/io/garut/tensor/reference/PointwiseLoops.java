package io.garut.tensor.reference;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Logic;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Pointwise.Test;
import io.garut.tensor.spi.Kernel;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Operations on each element by itself. */
final class PointwiseLoops {
  /** Elements that pass through a block format at a time; a multiple of every block size. */
  private static final int RUN = 4096;

  private PointwiseLoops() {}

  static Kernel bind(Pointwise op, Tensor[] inputs, Tensor[] outputs) {
    Cells in = Cells.of(op, inputs[0]);
    Cells out = Cells.of(op, outputs[0]);
    return switch (op) {
      case Pointwise.Unary(var function) ->
          in.type.isFloat() ? map(in, out, Functions.of(function)) : mapWhole(in, out, Functions.ofWhole(function));
      case Pointwise.Activate(var activation) -> map(in, out, Functions.of(activation));
      case Pointwise.Is(var test) -> test(in, out, test);
      case Pointwise.Binary(var function) ->
          in.type.isFloat()
              ? zip(op, inputs, outputs[0], Functions.of(function))
              : zipWhole(op, inputs, outputs[0], Functions.ofWhole(op, function));
      case Pointwise.Compare(var relation) -> compare(op, inputs, outputs[0], relation);
      case Pointwise.Combine(var logic) -> combine(op, inputs, outputs[0], logic);
      case Pointwise.Where _ -> where(op, inputs, outputs[0]);
      case Pointwise.Cast _ -> cast(in, out);
    };
  }

  private static Kernel map(Cells in, Cells out, DoubleUnaryOperator function) {
    return () -> {
      for (long i = 0; i < out.count; i++) {
        out.put(i, function.applyAsDouble(in.number(i)));
      }
    };
  }

  private static Kernel mapWhole(Cells in, Cells out, LongUnaryOperator function) {
    return () -> {
      for (long i = 0; i < out.count; i++) {
        out.putWhole(i, function.applyAsLong(in.whole(i)));
      }
    };
  }

  private static Kernel test(Cells in, Cells out, Test test) {
    return () -> {
      for (long i = 0; i < out.count; i++) {
        boolean holds =
            switch (test) {
              case NOT -> !in.bool(i);
              case IS_NAN -> Double.isNaN(in.number(i));
              case IS_FINITE -> Double.isFinite(in.number(i));
            };
        out.put(i, holds);
      }
    };
  }

  private static Kernel zip(Op op, Tensor[] inputs, Tensor output, DoubleBinaryOperator function) {
    Cells a = Cells.of(op, inputs[0]);
    Cells b = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    return () -> {
      Walk walk = broadcast(output.shape(), inputs);
      for (long i = 0; i < out.count; i++) {
        out.put(i, function.applyAsDouble(a.number(walk.at(0)), b.number(walk.at(1))));
        walk.next();
      }
    };
  }

  private static Kernel zipWhole(Op op, Tensor[] inputs, Tensor output, LongBinaryOperator function) {
    Cells a = Cells.of(op, inputs[0]);
    Cells b = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    return () -> {
      Walk walk = broadcast(output.shape(), inputs);
      for (long i = 0; i < out.count; i++) {
        out.putWhole(i, function.applyAsLong(a.whole(walk.at(0)), b.whole(walk.at(1))));
        walk.next();
      }
    };
  }

  private static Kernel compare(Op op, Tensor[] inputs, Tensor output, Relation relation) {
    Cells a = Cells.of(op, inputs[0]);
    Cells b = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    boolean whole = !a.type.isFloat(); // a double would not tell large I64 apart
    return () -> {
      Walk walk = broadcast(output.shape(), inputs);
      for (long i = 0; i < out.count; i++) {
        boolean holds =
            whole
                ? Functions.holds(relation, a.whole(walk.at(0)), b.whole(walk.at(1)))
                : Functions.holds(relation, a.number(walk.at(0)), b.number(walk.at(1)));
        out.put(i, holds);
        walk.next();
      }
    };
  }

  private static Kernel combine(Op op, Tensor[] inputs, Tensor output, Logic logic) {
    Cells a = Cells.of(op, inputs[0]);
    Cells b = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    return () -> {
      Walk walk = broadcast(output.shape(), inputs);
      for (long i = 0; i < out.count; i++) {
        boolean left = a.bool(walk.at(0));
        boolean right = b.bool(walk.at(1));
        boolean holds =
            switch (logic) {
              case AND -> left && right;
              case OR -> left || right;
              case XOR -> left ^ right;
            };
        out.put(i, holds);
        walk.next();
      }
    };
  }

  private static Kernel where(Op op, Tensor[] inputs, Tensor output) {
    Cells condition = Cells.of(op, inputs[0]);
    Cells yes = Cells.of(op, inputs[1]);
    Cells no = Cells.of(op, inputs[2]);
    Cells out = Cells.of(op, output);
    return () -> {
      Walk walk = broadcast(output.shape(), inputs);
      for (long i = 0; i < out.count; i++) {
        if (condition.bool(walk.at(0))) {
          out.copy(i, yes, walk.at(1));
        } else {
          out.copy(i, no, walk.at(2));
        }
        walk.next();
      }
    };
  }

  private static Walk broadcast(Shape shape, Tensor[] inputs) {
    long[][] strides = new long[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      strides[i] = Walk.stretched(inputs[i].shape(), shape);
    }
    return new Walk(shape, strides);
  }

  /** Every element in the type of {@code out}. */
  static Kernel cast(Cells in, Cells out) {
    if (in.type == out.type) {
      return () -> out.copy(0, in, 0, in.count);
    }
    if (in.type.isBlock() || out.type.isBlock()) {
      return () -> castRuns(in, out);
    }
    if (in.type == DType.I64) {
      return () -> {
        for (long i = 0; i < out.count; i++) {
          castLong(in.whole(i), out, i);
        }
      };
    }
    return map(in, out, x -> x);
  }

  private static void castRuns(Cells in, Cells out) {
    double[] values = new double[RUN];
    float[] singles = new float[RUN];
    for (long from = 0; from < in.count; from += RUN) {
      int length = (int) Math.min(RUN, in.count - from);
      in.read(from, values, length);
      for (int i = 0; i < length; i++) {
        singles[i] = (float) values[i]; // exact but from F64
      }
      out.write(from, singles, length);
    }
  }

  /** A long has more digits than a double: rounding it twice could be wrong in the last place. */
  private static void castLong(long value, Cells out, long i) {
    switch (out.type) {
      case F32 -> out.put(i, (double) (float) value);
      case F16, BF16 -> {
        long sticky = (value & 0x7ff) == 0 ? 0 : 1; // what is cut off still breaks a tie
        out.put(i, Math.abs(value) >>> 53 == 0 ? value : (value >> 11 | sticky) * 0x1p11);
      }
      case I32 -> out.putWhole(i, Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case F64, I64, BOOL -> out.put(i, (double) value);
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new IllegalArgumentException("I64 to " + out.type);
    }
  }
}
