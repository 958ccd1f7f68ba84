package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;
import static io.garut.tensor.DType.I64;

import io.garut.tensor.DType;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.ArrayList;
import java.util.List;

/** Operations that sum up an axis, or look along one. */
final class ReductionCases {
  /** Equals, both zeros, infinities and NaN. */
  private static final double[] TIES = {
    0.0, -0.0, 1, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN
  };

  private static final double[] FINITE_TIES = {0.0, -0.0, 1, -1, 2};

  private ReductionCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (Fold fold : Fold.values()) {
      folds(cases, fold);
    }
    for (DType type : List.of(F64, F32, F16, BF16, I32, I64)) {
      order(cases, type);
      if (type.isFloat()) {
        softmax(cases, type);
      }
    }
    finite(cases);
    return cases;
  }

  private static void folds(List<Case> cases, Fold fold) {
    switch (fold) {
      case SUM, MEAN -> {
        for (DType type : List.of(F64, F32, F16, BF16)) {
          reduce(cases, fold, Bound.terms(4, Bound.magnitudes(new Reduction.Reduce(fold, List.of(), false))), type);
        }
      }
      case PROD -> {
        for (DType type : List.of(F64, F32, F16, BF16)) {
          cases.add(reduceOne(Fold.PROD, Bound.ulps(14), Sample.normal(type, 5, 13), 1)); // a rounding for each factor
          cases.add(reduceOne(Fold.PROD, Bound.ulps(6), Sample.normal(type, 5, 13), 0));
          cases.add(reduceOne(Fold.PROD, Bound.EXACT, Sample.normal(type, 5, 0), 1));
        }
      }
      case MAX, MIN -> {
        for (DType type : List.of(F64, F32, F16, BF16)) {
          reduce(cases, fold, Bound.EXACT, type);
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(type, TIES, 41, 3), 1));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(type, FINITE_TIES, 41, 3), 1));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(type, TIES, 41, 67), 1));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(type, FINITE_TIES, 3, 41), 0));
        }
      }
      case ANY, ALL -> {
        for (double[] some : new double[][] {{0, 1}, {0}, {1}}) {
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(DType.BOOL, some, 13, 3), 1));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(DType.BOOL, some, 3, 131), 1));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(DType.BOOL, some, 3, 131), 0));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(DType.BOOL, some, 3, 131)));
          cases.add(reduceOne(fold, Bound.EXACT, Sample.some(DType.BOOL, some, 3, 0), 1));
        }
      }
    }
    if (List.of(Fold.SUM, Fold.PROD, Fold.MAX, Fold.MIN).contains(fold)) {
      reduce(cases, fold, Bound.EXACT, I32);
      reduce(cases, fold, Bound.EXACT, I64);
      cases.add(reduceOne(fold, Bound.EXACT, Sample.whole(I32, Integer.MIN_VALUE, Integer.MAX_VALUE, 5, 33), 1));
    }
  }

  private static Case reduceOne(Fold fold, Bound bound, Sample sample, Integer... axes) {
    return Case.within(bound, new Reduction.Reduce(fold, List.of(axes), false), sample);
  }

  private static void reduce(List<Case> cases, Fold fold, Bound bound, DType type) {
    for (boolean keep : new boolean[] {false, true}) {
      for (long[] dims : new long[][] {{1}, {13}, {5, 31}, {3, 4, 33}, {2, 3, 4, 5}, {3, 4099}, {131, 1}}) {
        cases.add(folded(fold, List.of(-1), keep, bound, Sample.normal(type, dims)));
        cases.add(folded(fold, List.of(0), keep, bound, Sample.normal(type, dims)));
        cases.add(folded(fold, List.of(), keep, bound, Sample.normal(type, dims)));
      }
      cases.add(folded(fold, List.of(2, 0), keep, bound, Sample.normal(type, 3, 7, 5, 33)));
      cases.add(folded(fold, List.of(1, -2), keep, bound, Sample.normal(type, 3, 7, 5, 33)));
      cases.add(folded(fold, List.of(1), keep, bound, Sample.normal(type, 3, 702, 5)));
    }
    cases.add(folded(fold, List.of(), false, bound, Sample.normal(type)));
    cases.add(folded(fold, List.of(0), false, bound, Sample.normal(type, 3, 0)));
    cases.add(folded(fold, List.of(), false, bound, Sample.normal(type, 70001)));
    if (fold == Fold.SUM || fold == Fold.MEAN) {
      cases.add(folded(fold, List.of(1), false, bound, Sample.normal(type, 3, 0)));
    }
  }

  /** With sums measured against the sums of magnitudes over the same axes. */
  private static Case folded(Fold fold, List<Integer> axes, boolean keep, Bound bound, Sample sample) {
    Reduction.Reduce op = new Reduction.Reduce(fold, axes, keep);
    return Case.within(bound == Bound.EXACT ? bound : Bound.terms(4, Bound.magnitudes(op)), op, sample);
  }

  private static void order(List<Case> cases, DType type) {
    for (boolean smallest : new boolean[] {false, true}) {
      for (boolean keep : new boolean[] {false, true}) {
        for (int axis : new int[] {0, 1, -1}) {
          cases.add(Case.exact(new Reduction.ArgMax(axis, smallest, keep), Sample.normal(type, 13, 5, 33)));
          cases.add(Case.exact(new Reduction.ArgMax(axis, smallest, keep), Sample.whole(type, -1, 1, 3, 31, 4)));
        }
      }
      Reduction.ArgMax last = new Reduction.ArgMax(-1, smallest, false);
      cases.add(Case.exact(last, Sample.normal(type, 1)));
      cases.add(Case.exact(last, Sample.normal(type, 3, 5003)));
      if (type.isFloat()) {
        cases.add(Case.exact(last, Sample.some(type, TIES, 41, 3)));
        cases.add(Case.exact(last, Sample.some(type, TIES, 5, 67)));
        cases.add(Case.exact(last, Sample.some(type, FINITE_TIES, 41, 3)));
        cases.add(Case.exact(last, Sample.some(type, FINITE_TIES, 5, 67)));
        cases.add(Case.exact(last, Sample.some(type, new double[] {Double.NEGATIVE_INFINITY}, 2, 35)));
        cases.add(Case.exact(last, Sample.some(type, new double[] {Double.NaN}, 2, 35)));
      }
    }
    for (int k : new int[] {0, 1, 5, 33}) {
      cases.add(Case.exact(new Reduction.TopK(k), Sample.normal(type, 3, 33)));
      cases.add(Case.exact(new Reduction.TopK(k), Sample.whole(type, -2, 2, 2, 2, 41)));
      if (type.isFloat()) {
        cases.add(Case.exact(new Reduction.TopK(k), Sample.some(type, TIES, 7, 33)));
      }
    }
    cases.add(Case.exact(new Reduction.TopK(1), Sample.normal(type, 1)));
    cases.add(Case.exact(new Reduction.TopK(40), Sample.normal(type, 2, 5003)));
    if (type == DType.F32 || type == DType.F64) {
      Bound bound = Bound.ulps(64); // of terms that are all positive, in double precision
      cases.add(Case.within(bound, new Reduction.SquareSums(7), Sample.normal(type, 3, 33)));
      cases.add(Case.within(bound, new Reduction.SquareSums(1024), Sample.wide(type, 10, 5003)));
      cases.add(Case.within(bound, new Reduction.SquareSums(64), Sample.normal(type, 64)));
      cases.add(Case.within(bound, new Reduction.SquareSums(1), Sample.normal(type)));
      cases.add(Case.within(bound, new Reduction.SquareSums(9), Sample.normal(type, 0, 5)));
    }
  }

  private static void softmax(List<Case> cases, DType type) {
    for (boolean log : new boolean[] {false, true}) {
      // exp's argument carries the rounding of values up to the largest; the logarithm's terms are as large
      Bound.Yardstick terms = Bound.all((at, seed) -> 4 + 2 * at.largest(0, seed) + Math.log(5003));
      Bound.Yardstick relative =
          (at, seed, plain) -> {
            double[] sizes = terms.of(at, seed, plain);
            for (int i = 0; i < sizes.length; i++) {
              sizes[i] *= plain[i];
            }
            return sizes;
          };
      Bound bound = Bound.terms(2, log ? terms : relative);
      for (long[] dims : new long[][] {{1}, {2}, {13}, {5, 31}, {2, 3, 67}, {2, 5003}}) {
        cases.add(Case.within(bound, new Reduction.Softmax(-1, log), Sample.scaled(type, 3, dims)));
        cases.add(Case.within(bound, new Reduction.Softmax(0, log), Sample.scaled(type, 3, dims)));
      }
      cases.add(Case.within(bound, new Reduction.Softmax(1, log), Sample.scaled(type, 3, 3, 13, 5)));
      cases.add(Case.within(bound, new Reduction.Softmax(-1, log), Sample.scaled(type, 100, 3, 41)));
      double[] masked = {Double.NEGATIVE_INFINITY, 1, 2};
      Bound few = Bound.ulps(8);
      cases.add(Case.within(few, new Reduction.Softmax(-1, log), Sample.some(type, masked, 5, 33)));
      cases.add(
          Case.within(few, new Reduction.Softmax(-1, log), Sample.some(type, new double[] {masked[0]}, 2, 19)));
      cases.add(Case.within(few, new Reduction.Softmax(-1, log), Sample.some(type, TIES, 4, 33)));
    }
  }

  private static void finite(List<Case> cases) {
    for (DType type : DType.values()) {
      if (type.isBlock()) {
        cases.add(Case.exact(new Reduction.FirstNonFinite(), Sample.blocks(type, 3, 5L * type.blockSize())));
      } else if (type.isFloat()) {
        cases.add(Case.exact(new Reduction.FirstNonFinite(), Sample.normal(type, 3, 31)));
        cases.add(Case.exact(new Reduction.FirstNonFinite(), Sample.normal(type)));
        Sample.Value somewhere = (seed, i) -> i == 5003 - seed % 13 ? Double.POSITIVE_INFINITY : -1;
        cases.add(Case.exact(new Reduction.FirstNonFinite(), Sample.of(type, somewhere, 5, 1001)));
        for (long bad : new long[] {0, 12, 8191, 8192, 20000}) {
          for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            Sample sample = Sample.of(type, (seed, i) -> i >= bad && i % 7 == bad % 7 ? value : 1, 20001);
            cases.add(Case.exact(new Reduction.FirstNonFinite(), sample));
          }
        }
      }
    }
  }
}
