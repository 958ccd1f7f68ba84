package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Product;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Matrix products, measured against the sums of the magnitudes of their terms. */
final class ProductCases {
  /** Rows, depth, columns. */
  private static final long[][] SIZES = {
    {1, 1, 1}, {1, 7, 3}, {2, 33, 5}, {3, 1, 31}, {13, 31, 33}, {12, 64, 32}, {31, 5, 67}, {1, 207, 129}, {65, 129, 131}
  };

  private ProductCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (DType type : List.of(F32, F64)) {
      for (boolean left : new boolean[] {false, true}) {
        for (boolean right : new boolean[] {false, true}) {
          matMul(cases, new Product.MatMul(left, right), type);
        }
      }
    }
    linear(cases);
    return cases;
  }

  private static void matMul(List<Case> cases, Product.MatMul op, DType type) {
    for (long[] size : SIZES) {
      add(cases, op, type, new long[0], new long[0], size);
    }
    long[] small = {5, 7, 3};
    add(cases, op, type, new long[] {4}, new long[] {4}, small);
    add(cases, op, type, new long[] {4}, new long[0], small);
    add(cases, op, type, new long[0], new long[] {2, 3}, small);
    add(cases, op, type, new long[] {2, 1, 3}, new long[] {5, 1}, small);
    add(cases, op, type, new long[] {2}, new long[] {2}, new long[] {33, 40, 65});
    add(cases, op, type, new long[0], new long[0], new long[] {3, 0, 2});
    add(cases, op, type, new long[0], new long[0], new long[] {0, 3, 2});
  }

  private static void add(List<Case> cases, Product.MatMul op, DType type, long[] batchA, long[] batchB, long[] size) {
    Sample a = Sample.normal(type, dims(batchA, size[0], size[1], op.transposeA()));
    Sample b = Sample.normal(type, dims(batchB, size[1], size[2], op.transposeB()));
    cases.add(Case.within(Bound.terms(4, Bound.magnitudes(op)), op, a, b));
  }

  private static long[] dims(long[] batch, long rows, long columns, boolean transposed) {
    long[] dims = Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = transposed ? columns : rows;
    dims[batch.length + 1] = transposed ? rows : columns;
    return dims;
  }

  private static void linear(List<Case> cases) {
    for (DType weight : DType.values()) {
      if (weight.isFloat() || weight.isBlock()) {
        for (long[] size : SIZES) {
          long depth = Math.ceilDiv(size[1], (long) weight.blockSize()) * weight.blockSize();
          cases.add(linear(Activation.IDENTITY, weight, true, size[2], depth, size[0]));
          cases.add(linear(Activation.IDENTITY, weight, false, size[2], depth, size[0]));
        }
        cases.add(linear(Activation.GELU, weight, true, 65, 512, 1));
        cases.add(linear(Activation.GELU, weight, true, 65, 512, 2, 9));
        cases.add(linear(Activation.GELU, weight, true, 33, 256));
        cases.add(linear(Activation.GELU, weight, true, 33, 256, 0));
      }
    }
    for (Activation activation : Activation.values()) {
      for (DType weight : List.of(F64, F32, F16, BF16)) {
        cases.add(linear(activation, weight, true, 67, 33, 1));
        cases.add(linear(activation, weight, true, 67, 33, 13));
        cases.add(linear(activation, weight, false, 67, 33, 3));
      }
    }
  }

  /** x of {@code leading} rows, weight [{@code width}, {@code depth}]. */
  static Case linear(Activation activation, DType weight, boolean bias, long width, long depth, long... leading) {
    DType type = weight == F64 ? F64 : F32;
    long[] dims = Arrays.copyOf(leading, leading.length + 1);
    dims[leading.length] = depth;
    List<Sample> samples = new ArrayList<>();
    samples.add(Sample.normal(type, dims));
    samples.add(Sample.weight(weight, width, depth));
    if (bias) {
      samples.add(Sample.normal(type, width));
    }
    return new Case(new Product.Linear(activation), samples, Bound.terms(4, Bound.magnitudes(steepest(activation))));
  }

  /**
   * The product whose size bounds an activation's: none is steeper than 1.5 within the factor of the bound, but for RELU2,
   * whose slope is twice its argument.
   */
  private static Product.Linear steepest(Activation activation) {
    return new Product.Linear(activation == Activation.RELU2 ? Activation.RELU2 : Activation.IDENTITY);
  }

  /**
   * What rounding each block of 32 elements of x to 127 steps of its largest adds: half a step for each element, evenly
   * distributed, times the weight. Six standard deviations of the sum, which is √3 smaller than if all were half a step off.
   */
  static Bound quantised(Bound exact) {
    return (at, seed, type, plain) -> {
      double[] allowed = exact.allowed(at, seed, type, plain);
      double[] x = at.values(0, seed);
      double[] weight = at.values(1, seed);
      int depth = Math.toIntExact(at.samples().get(1).shape().last());
      int width = weight.length / Math.max(1, depth);
      for (int i = 0; i < allowed.length; i++) {
        double squares = 0;
        for (int k = 0; k < depth; k++) {
          double step = largest(x, i / width * depth + k / 32 * 32) / 127;
          double term = step / 2 * weight[i % width * depth + k];
          squares += term * term;
        }
        allowed[i] += 6 * Math.sqrt(squares / 3) * 1.5; // no activation is steeper than 1.5
      }
      return allowed;
    };
  }

  private static double largest(double[] x, int from) {
    return Arrays.stream(x, from, from + 32).map(Math::abs).max().orElseThrow();
  }
}
