package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.BOOL;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;
import static io.garut.tensor.DType.I64;
import static io.garut.tensor.DType.Q4_0;
import static io.garut.tensor.DType.Q8_0;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Logic;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Pointwise.Test;
import java.util.ArrayList;
import java.util.List;

/** Operations on each element by itself. */
final class PointwiseCases {
  private static final double INF = Double.POSITIVE_INFINITY;

  /** What functions trip over; rounded to each type. */
  private static final double[] SPECIAL = {
    0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.5, -3, 6, 0x1p-149, -0x1p-149, 0x1p-140, 0x1p-126, -0x1p-126, 0x1p-24,
    0x1p-14, 1e-8, -1e-8, 0x1.fffffep-1, 0x1.000002p0, 65504, -65504, 65520, 0x1p23, 0x1p24 + 2, 0x1.fffffep127,
    -0x1.fffffep127, INF, -INF, Double.NaN
  };

  /** Where exponentials overflow, underflow and lose themselves in 1. */
  private static final double[] EXPONENTS = {
    -200, -150, -104, -103.97, -103.28, -100, -88.73, -87.34, -87.33, -50, -20, -17.4, -10.1, -9.1, -5.6, -4, -1e-4, 1e-4, 4,
    5.5, 9.02, 10.2, 17.3, 20, 50, 80, 87, 88.01, 88.72, 88.73, 89, 100, 200
  };

  /** Two operands that broadcast: shapes as pairs. */
  private static final long[][][] PAIRS = {
    {{}, {}}, {{1}, {1}}, {{13}, {13}}, {{3, 5, 67}, {3, 5, 67}}, {{207}, {}}, {{}, {33}}, {{5, 33}, {33}}, {{33}, {5, 33}},
    {{5, 33}, {5, 1}}, {{4, 1, 7}, {3, 1}}, {{2, 1, 3, 1}, {5, 1, 4}}, {{1, 1}, {1, 702}}, {{0, 3}, {1, 3}}, {{2, 3, 4},
        {2, 1, 4}}
  };

  private PointwiseCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    unary(cases);
    activations(cases);
    binary(cases);
    logic(cases);
    casts(cases);
    return cases;
  }

  private static void unary(List<Case> cases) {
    for (Function function : Function.values()) {
      Pointwise.Unary op = new Pointwise.Unary(function);
      Bound bound = bound(function);
      for (DType type : List.of(F64, F32, F16, BF16)) {
        for (long[] dims : new long[][] {{}, {1}, {13}, {3, 31}, {702}, {0}}) {
          cases.add(Case.within(bound, op, domain(function, type, dims)));
        }
        cases.add(Case.within(bound, op, Sample.fixed(type, SPECIAL)));
        cases.add(Case.within(bound, op, Sample.fixed(type, EXPONENTS)));
      }
      cases.add(Case.within(bound, op, domain(function, F32, 3, 67, 131)));
      if (List.of(Function.NEG, Function.ABS, Function.SIGN, Function.SQUARE).contains(function)) {
        cases.add(Case.exact(op, Sample.normal(I32, 5, 41)));
        cases.add(Case.exact(op, Sample.normal(I64, 5, 41)));
        cases.add(Case.exact(op, Sample.fixed(I64, Long.MIN_VALUE, Long.MAX_VALUE, -1, 0, 1, Integer.MIN_VALUE)));
        cases.add(Case.exact(op, Sample.fixed(I32, Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1)));
      }
    }
    for (DType type : List.of(F64, F32, F16, BF16)) {
      for (Test test : List.of(Test.IS_NAN, Test.IS_FINITE)) {
        cases.add(Case.exact(new Pointwise.Is(test), Sample.some(type, SPECIAL, 7, 59)));
      }
    }
    cases.add(Case.exact(new Pointwise.Is(Test.NOT), Sample.bools(7, 59)));
  }

  private static Bound bound(Function function) {
    return switch (function) {
      case NEG, ABS, SIGN, SQUARE, SQRT, RECIPROCAL, FLOOR, CEIL, ROUND -> Bound.EXACT;
      case RSQRT -> Bound.ulps(2); // a root and a quotient
      case EXP, LOG, SIN, COS, TANH, ERF -> Bound.ulps(3);
      case SIGMOID -> Bound.ulps(4); // an exponential, a sum and a quotient
    };
  }

  private static Sample domain(Function function, DType type, long... dims) {
    return switch (function) {
      case SQRT, RSQRT, LOG -> Sample.positive(type, 12, dims);
      case EXP, SIGMOID, TANH, ERF, SIN, COS -> Sample.wide(type, 6, dims);
      case NEG, ABS, SIGN, SQUARE, RECIPROCAL, FLOOR, CEIL, ROUND -> Sample.wide(type, 12, dims);
    };
  }

  private static void activations(List<Case> cases) {
    for (Activation activation : Activation.values()) {
      Pointwise.Activate op = new Pointwise.Activate(activation);
      Bound bound = bound(activation);
      for (DType type : List.of(F64, F32, F16, BF16)) {
        for (long[] dims : new long[][] {{}, {13}, {3, 31}, {702}}) {
          cases.add(Case.within(bound, op, Sample.wide(type, 6, dims)));
        }
        cases.add(Case.within(bound, op, Sample.fixed(type, SPECIAL)));
        cases.add(Case.within(bound, op, Sample.fixed(type, EXPONENTS)));
      }
      cases.add(Case.within(bound, op, Sample.scaled(F32, 3, 3, 67, 131)));
    }
  }

  /** How far an activation may be. */
  static Bound bound(Activation activation) {
    return switch (activation) {
      case IDENTITY, RELU, RELU2, RELU6 -> Bound.EXACT;
      case LEAKY_RELU, SILU, SIGMOID, TANH, HARDSWISH -> Bound.ulps(4);
      case GELU, GELU_TANH, GELU_10 -> Bound.terms(3, Bound.input(0)); // x/2 + x/2·erf, which cancel for negative x
      case QUICK_GELU -> Bound.terms(3, Bound.input(0)); // the error of 1.702x in the exponent, times a value that falls faster
      case MISH -> Bound.terms(4, Bound.input(0));
      case LAPLACE -> Bound.terms(3, Bound.input(1)); // 1/2 + erf/2
    };
  }

  private static void binary(List<Case> cases) {
    for (Function2 function : Function2.values()) {
      Pointwise.Binary op = new Pointwise.Binary(function);
      for (DType type : List.of(F64, F32, F16, BF16)) {
        for (long[][] pair : PAIRS) {
          Case made =
              function == Function2.POW
                  ? Case.within(Bound.ulps(4), op, Sample.positive(type, 3, pair[0]), Sample.normal(type, pair[1]))
                  : Case.exact(op, Sample.wide(type, 12, pair[0]), Sample.wide(type, 12, pair[1]));
          cases.add(made);
        }
        Sample column = Sample.some(type, SPECIAL, 41, 1);
        Bound bound = function == Function2.POW ? Bound.ulps(4) : Bound.EXACT;
        cases.add(Case.within(bound, op, column, Sample.fixed(type, SPECIAL)));
      }
      if (function != Function2.POW) {
        for (DType type : List.of(I32, I64)) {
          for (long[][] pair : PAIRS) {
            boolean divides = function == Function2.DIV;
            Sample right = divides ? Sample.whole(type, 1, 9, pair[1]) : Sample.normal(type, pair[1]);
            cases.add(Case.exact(op, Sample.normal(type, pair[0]), right));
          }
        }
        cases.add(
            Case.exact(
                op,
                Sample.some(I32, new double[] {Integer.MIN_VALUE, Integer.MAX_VALUE, -7, 7}, 9, 1),
                Sample.fixed(I32, Integer.MIN_VALUE, Integer.MAX_VALUE, -2, -1, 1, 2)));
      }
    }
  }

  private static void logic(List<Case> cases) {
    for (Relation relation : Relation.values()) {
      Pointwise.Compare op = new Pointwise.Compare(relation);
      for (long[][] pair : PAIRS) {
        for (DType type : List.of(F32, I32)) {
          cases.add(Case.exact(op, Sample.whole(type, -2, 2, pair[0]), Sample.whole(type, -2, 2, pair[1])));
        }
      }
      for (DType type : List.of(F64, F32, F16, BF16)) {
        cases.add(Case.exact(op, Sample.some(type, SPECIAL, 41, 1), Sample.fixed(type, SPECIAL)));
      }
      double[] close = {Long.MAX_VALUE, 0x1p62, 0x1p53, 0x1p53 + 2, -1, 0, 1, Long.MIN_VALUE};
      cases.add(Case.exact(op, Sample.some(I64, close, 9, 1), Sample.fixed(I64, close)));
      cases.add(Case.exact(op, Sample.bools(9, 1), Sample.bools(9, 5)));
    }
    for (long[][] pair : PAIRS) {
      for (Logic logic : Logic.values()) {
        cases.add(Case.exact(new Pointwise.Combine(logic), Sample.bools(pair[0]), Sample.bools(pair[1])));
      }
      for (DType type : List.of(F64, F32, F16, BF16, I32, I64, BOOL)) {
        Sample yes = Sample.whole(type, 0, 50, pair[0]);
        Sample no = Sample.whole(type, 0, 50, pair[1]);
        cases.add(Case.exact(new Pointwise.Where(), Sample.bools(pair[0]), yes, no));
        cases.add(Case.exact(new Pointwise.Where(), Sample.bools(pair[1]), yes, no));
      }
    }
    cases.add(
        Case.exact(new Pointwise.Where(), Sample.bools(5, 1, 1), Sample.normal(F32, 1, 7, 1), Sample.normal(F32, 1, 1, 33)));
  }

  private static void casts(List<Case> cases) {
    List<DType> plain = List.of(F64, F32, F16, BF16, I64, I32, BOOL);
    for (DType from : plain) {
      for (DType to : plain) {
        Pointwise.Cast op = new Pointwise.Cast(to);
        for (long[] dims : new long[][] {{}, {13}, {5, 67}, {4099}}) {
          cases.add(Case.exact(op, from.isFloat() ? Sample.wide(from, 18, dims) : Sample.whole(from, -99999, 99999, dims)));
        }
        if (from.isFloat()) {
          cases.add(Case.exact(op, Sample.some(from, SPECIAL, 5, 67)));
          cases.add(Case.exact(op, Sample.wide(from, 140, 3001)));
        } else {
          cases.add(Case.exact(op, Sample.whole(from, Long.MIN_VALUE / 4, Long.MAX_VALUE / 4, 333)));
        }
      }
    }
    for (DType block : DType.values()) {
      if (block.isBlock()) {
        for (DType to : List.of(F64, F32, F16, BF16, block)) {
          cases.add(Case.exact(new Pointwise.Cast(to), Sample.blocks(block, 3, 3L * block.blockSize())));
        }
      }
    }
    for (DType block : List.of(Q8_0, Q4_0)) {
      for (DType from : List.of(F64, F32, F16, BF16)) {
        cases.add(Case.exact(new Pointwise.Cast(block), Sample.normal(from, 5, 96)));
        cases.add(Case.exact(new Pointwise.Cast(block), Sample.whole(from, 0, 1, 2, 32)));
      }
    }
  }
}
