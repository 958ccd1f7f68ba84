package io.garut.tensor.conformance;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise.Function;
import java.util.Arrays;

/** How far a backend may be from the plain loops: for each element of the first result, the largest difference. */
@FunctionalInterface
interface Bound {
  /** Equal bits, but for the payload of NaN; compared by identity, since it holds for integers, BOOL and blocks too. */
  Bound EXACT = (at, seed, type, plain) -> new double[plain.length];

  /**
   * The largest difference of each element.
   *
   * @param at the case, for its samples
   * @param seed which contents
   * @param type type of the result
   * @param plain the reference's result
   */
  double[] allowed(Case at, long seed, DType type, double[] plain);

  /** {@code k} units in the last place of each plain value. */
  static Bound ulps(double k) {
    return (at, seed, type, plain) -> Arrays.stream(plain).map(x -> k * ulp(type, x)).toArray();
  }

  /** Computed in {@code k} roundings of terms of this size, then rounded to the result's type. */
  static Bound terms(double k, Yardstick yardstick) {
    return (at, seed, type, plain) -> {
      double[] size = yardstick.of(at, seed, plain);
      double[] allowed = new double[plain.length];
      for (int i = 0; i < plain.length; i++) {
        allowed[i] = k * size[i] * epsilon(type) + ulp(type, plain[i]);
      }
      return allowed;
    };
  }

  /** Sizes of what is added up in each element. */
  @FunctionalInterface
  interface Yardstick {
    double[] of(Case at, long seed, double[] plain);
  }

  /** Sums of magnitudes: what {@code op}, which adds products of its inputs, makes of the inputs' magnitudes. */
  static Yardstick magnitudes(Op op) {
    return (at, seed, plain) -> {
      Tensor[] inputs = at.inputs(seed);
      for (int i = 0; i < inputs.length; i++) {
        DType wide = inputs[i].dtype().isBlock() ? DType.F32 : inputs[i].dtype();
        inputs[i] = inputs[i].cast(wide).map(Function.ABS);
      }
      return BackendConformance.reference().apply(op, inputs)[0].toDoubleArray();
    };
  }

  /** The magnitude of the only input's element, at least {@code least}. */
  static Yardstick input(double least) {
    return (at, seed, plain) ->
        Arrays.stream(at.values(0, seed)).map(x -> Math.max(least, Math.abs(x))).toArray();
  }

  /** The same size for each element. */
  static Yardstick all(Size size) {
    return (at, seed, plain) -> {
      double[] sizes = new double[plain.length];
      Arrays.fill(sizes, size.of(at, seed));
      return sizes;
    };
  }

  /** A size that depends on the whole case. */
  @FunctionalInterface
  interface Size {
    double of(Case at, long seed);
  }

  /** The precision in which results of {@code type} are computed. */
  private static double epsilon(DType type) {
    return type == DType.F64 ? 0x1p-52 : 0x1p-23;
  }

  /** The distance of {@code x} from the next larger number of {@code type}. */
  private static double ulp(DType type, double x) {
    return switch (type) {
      case F64 -> Math.ulp(x);
      case F32 -> Math.ulp((float) x);
      case F16 -> Math.max(0x1p-24, Math.ulp(x) * 0x1p42);
      case BF16 -> Math.max(0x1p-133, Math.ulp(x) * 0x1p45);
      case I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
          throw new IllegalArgumentException(type + " has no ulp");
    };
  }
}
