package io.garut.tensor.reference;

import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Relation;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * The functions of the vocabulary in double precision, from {@link StrictMath}, so that every machine gets the same
 * bits.
 */
final class Functions {
  private Functions() {}

  static DoubleUnaryOperator of(Function function) {
    return switch (function) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Math::signum;
      case SQUARE -> x -> x * x;
      case SQRT -> Math::sqrt;
      case RSQRT -> x -> 1 / Math.sqrt(x);
      case RECIPROCAL -> x -> 1 / x;
      case EXP -> StrictMath::exp;
      case LOG -> StrictMath::log;
      case SIN -> StrictMath::sin;
      case COS -> StrictMath::cos;
      case TANH -> StrictMath::tanh;
      case ERF -> Erf::erf;
      case SIGMOID -> Functions::sigmoid;
      case FLOOR -> Math::floor;
      case CEIL -> Math::ceil;
      case ROUND -> Math::rint;
    };
  }

  /** Of integers; the shape rule admits no others. Overflow wraps. */
  static LongUnaryOperator ofWhole(Function function) {
    return switch (function) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Long::signum;
      case SQUARE -> x -> x * x;
      case SQRT, RSQRT, RECIPROCAL, EXP, LOG, SIN, COS, TANH, ERF, SIGMOID, FLOOR, CEIL, ROUND ->
          throw new IllegalArgumentException(function + " of integers");
    };
  }

  static DoubleBinaryOperator of(Function2 function) {
    return switch (function) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case POW -> StrictMath::pow;
      case MAX -> Math::max;
      case MIN -> Math::min;
    };
  }

  /** Of integers; overflow wraps. */
  static LongBinaryOperator ofWhole(Op op, Function2 function) {
    return switch (function) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> divided(op, a, b);
      case POW -> throw new IllegalArgumentException(function + " of integers");
      case MAX -> Math::max;
      case MIN -> Math::min;
    };
  }

  private static long divided(Op op, long a, long b) {
    if (b == 0) {
      throw new ArithmeticException(op.name() + ": " + a + " divided by the integer 0");
    }
    return a / b;
  }

  static boolean holds(Relation relation, double a, double b) {
    return switch (relation) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
    };
  }

  static boolean holds(Relation relation, long a, long b) {
    return switch (relation) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
    };
  }

  static DoubleUnaryOperator of(Activation activation) {
    return switch (activation) {
      case IDENTITY -> x -> x;
      case GELU -> Functions::gelu;
      case GELU_TANH ->
          x -> 0.5 * x * (1 + StrictMath.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case GELU_10 -> x -> Math.clamp(gelu(x), -10.0, 10.0);
      case QUICK_GELU -> x -> x * sigmoid(1.702 * x);
      case RELU -> x -> Math.max(x, 0);
      case RELU2 -> x -> Math.max(x, 0) * Math.max(x, 0);
      case RELU6 -> x -> Math.min(Math.max(x, 0), 6);
      case LEAKY_RELU -> x -> x < 0 ? 0.01 * x : x;
      case SILU -> x -> x * sigmoid(x);
      case SIGMOID -> Functions::sigmoid;
      case TANH -> StrictMath::tanh;
      case MISH -> x -> x * StrictMath.tanh(StrictMath.log1p(StrictMath.exp(x)));
      case LAPLACE -> x -> 0.5 * Erf.erfc((0.707107 - x) / (0.282095 * Math.sqrt(2)));
      case HARDSWISH -> x -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
    };
  }

  /** The derivative; where it jumps, the left one, as PyTorch has it. */
  static DoubleUnaryOperator derivative(Activation activation) {
    return switch (activation) {
      case IDENTITY -> x -> 1;
      case GELU -> Functions::geluSlope;
      case GELU_TANH -> Functions::geluTanhSlope;
      case GELU_10 -> x -> Math.abs(gelu(x)) > 10 ? 0 : geluSlope(x);
      case QUICK_GELU -> x -> sigmoid(1.702 * x) * (1 + 1.702 * x * (1 - sigmoid(1.702 * x)));
      case RELU -> x -> x > 0 ? 1 : 0;
      case RELU2 -> x -> 2 * Math.max(x, 0);
      case RELU6 -> x -> x > 0 && x < 6 ? 1 : 0;
      case LEAKY_RELU -> x -> x > 0 ? 1 : 0.01;
      case SILU -> x -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case SIGMOID -> x -> sigmoid(x) * (1 - sigmoid(x));
      case TANH -> x -> 1 - StrictMath.tanh(x) * StrictMath.tanh(x);
      case MISH -> x -> {
        double tanh = StrictMath.tanh(StrictMath.log1p(StrictMath.exp(x)));
        return tanh + x * sigmoid(x) * (1 - tanh * tanh);
      };
      case LAPLACE -> x -> {
        double z = (x - 0.707107) / (0.282095 * Math.sqrt(2));
        return StrictMath.exp(-z * z) / (Math.sqrt(2 * Math.PI) * 0.282095);
      };
      case HARDSWISH -> x -> x <= -3 ? 0 : x < 3 ? (2 * x + 3) / 6 : 1;
    };
  }

  /** Φ(x) + x·φ(x). */
  private static double geluSlope(double x) {
    return 0.5 * Erf.erfc(-x / Math.sqrt(2)) + x * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double geluTanhSlope(double x) {
    double root = Math.sqrt(2 / Math.PI);
    double tanh = StrictMath.tanh(root * (x + 0.044715 * x * x * x));
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * root * (1 + 3 * 0.044715 * x * x);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /** x·Φ(x); Φ through erfc, which keeps its digits where 1 + erf has lost them. */
  private static double gelu(double x) {
    return x * 0.5 * Erf.erfc(-x / Math.sqrt(2));
  }
}
