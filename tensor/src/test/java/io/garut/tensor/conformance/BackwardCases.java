package io.garut.tensor.conformance;

import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What flows back through the coarse operations. */
final class BackwardCases {
  // a sum of terms as large as dy, and as x·dy where x passes a smooth step
  private static final Bound ACTIVATE = Bound.terms(8, Bound.all((at, seed) -> at.largest(1, seed) * 4));

  private static final Bound NORM = Bound.terms(8, Bound.all(BackwardCases::normTerms));

  // a probability, whose exponent is off by roundings of the largest logit, times dy
  private static final Bound ENTROPY =
      Bound.terms(4, Bound.all((at, seed) -> at.largest(2, seed) * (2 * at.largest(0, seed) + Math.log(5003))));

  private static final Bound ATTENTION = Bound.terms(16, Bound.all(BackwardCases::attentionTerms));

  private BackwardCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (DType type : List.of(F32, F64)) {
      activate(cases, type);
      layerNorm(cases, type);
      crossEntropy(cases, type);
      attention(cases, type);
    }
    return cases;
  }

  /** One of each on values about as a standard normal has them, for other sizes. */
  static Case activate(Activation activation, DType type, long... dims) {
    return Case.within(
        ACTIVATE, new Backward.Activate(activation), Sample.scaled(type, 2, dims), Sample.normal(type, dims));
  }

  static Case layerNorm(DType type, long... dims) {
    Sample weight = Sample.normal(type, dims[dims.length - 1]);
    return Case.within(NORM, new Backward.LayerNorm(1e-5), Sample.normal(type, dims), weight, Sample.normal(type, dims));
  }

  static Case crossEntropy(DType type, long tokens, long classes) {
    Sample labels = Sample.whole(I32, 0, classes - 1, tokens);
    Sample logits = Sample.scaled(type, 3, tokens, classes);
    return Case.within(ENTROPY, new Backward.CrossEntropy(), logits, labels, Sample.normal(type, tokens));
  }

  static Case attention(DType type, long tokens, long heads, long groups, long size) {
    Sample q = Sample.normal(type, tokens, heads, size);
    Sample k = Sample.normal(type, tokens, groups, size);
    Sample v = Sample.normal(type, tokens, groups, size);
    Sample starts = Sample.of(I32, (seed, t) -> t / 150 * 150, tokens);
    Sample dy = Sample.normal(type, tokens, heads, size);
    return Case.within(ATTENTION, new Backward.Attention((float) (1 / Math.sqrt((double) size))), q, k, v, starts, dy);
  }

  private static void activate(List<Case> cases, DType type) {
    Bound bound = ACTIVATE;
    for (Activation activation : Activation.values()) {
      Backward.Activate op = new Backward.Activate(activation);
      for (long[] dims : new long[][] {{}, {1}, {33}, {3, 207}}) {
        cases.add(Case.within(bound, op, Sample.scaled(type, 2, dims), Sample.normal(type, dims)));
      }
      cases.add(Case.within(bound, op, Sample.scaled(type, 60, 131), Sample.normal(type, 131)));
      cases.add(Case.within(bound, op, Sample.some(type, new double[] {0, -0.0, 3, -3, 6}, 67), Sample.normal(type, 67)));
    }
  }

  private static void layerNorm(List<Case> cases, DType type) {
    Bound bound = NORM;
    Backward.LayerNorm op = new Backward.LayerNorm(1e-5);
    for (long[] dims : new long[][] {{1}, {2}, {13}, {5, 31}, {2, 3, 64}, {71, 3}, {3, 702}}) {
      Sample weight = Sample.normal(type, dims[dims.length - 1]);
      Sample dy = Sample.normal(type, dims);
      cases.add(Case.within(bound, op, Sample.normal(type, dims), weight, dy));
      cases.add(Case.within(bound, op, Sample.of(type, (seed, i) -> 100 + Sample.bell(seed, i), dims), weight, dy));
      cases.add(Case.within(bound, op, Sample.some(type, new double[] {2}, dims), weight, dy));
    }
    cases.add(Case.within(bound, op, Sample.normal(type, 0, 5), Sample.normal(type, 5), Sample.normal(type, 0, 5)));
  }

  /**
   * What is added up. With σ the least deviation of a row and r its largest value over that, a normed value is at most √N,
   * and off by r roundings; dx has such a value times a mean of dy·weight, over σ; dweight has a sum over the rows.
   */
  private static double normTerms(Case at, long seed) {
    int width = Math.toIntExact(at.samples().getFirst().shape().last());
    double[] x = at.values(0, seed);
    double inverse = 0;
    double relative = 0;
    for (int row = 0; row < x.length; row += width) {
      double mean = Arrays.stream(x, row, row + width).average().orElseThrow();
      double variance = Arrays.stream(x, row, row + width).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      double largest = Arrays.stream(x, row, row + width).map(Math::abs).max().orElseThrow();
      double scale = 1 / Math.sqrt(variance + 1e-5);
      inverse = Math.max(inverse, scale);
      relative = Math.max(relative, largest * scale);
    }
    double root = Math.sqrt(width);
    double rows = (double) x.length / width;
    return at.largest(2, seed) * Math.max(inverse * at.largest(1, seed) * (2 + relative * root), rows * (relative + root));
  }

  private static void crossEntropy(List<Case> cases, DType type) {
    Bound bound = ENTROPY;
    Backward.CrossEntropy op = new Backward.CrossEntropy();
    for (long[] size : new long[][] {{1, 1}, {1, 13}, {5, 31}, {3, 5003}, {0, 7}}) {
      double[] labels = {Layer.CrossEntropy.IGNORE, 0, size[1] - 1, Math.floorDiv(size[1], 2)};
      Sample dy = Sample.normal(type, size[0]);
      cases.add(Case.within(bound, op, Sample.scaled(type, 3, size), Sample.some(I32, labels, size[0]), dy));
      cases.add(
          Case.within(bound, op, Sample.scaled(type, 50, size), Sample.whole(I32, 0, size[1] - 1, size[0]), dy));
    }
  }

  private static void attention(List<Case> cases, DType type) {
    Bound bound = ATTENTION;
    // tokens, heads, groups, size
    long[][] sizes = {{1, 1, 1, 1}, {2, 2, 1, 3}, {3, 1, 1, 4}, {13, 4, 2, 32}, {33, 3, 3, 64}, {70, 2, 1, 80},
        {131, 1, 1, 13}, {300, 2, 2, 40}};
    for (long[] size : sizes) {
      Backward.Attention op = new Backward.Attention((float) (1 / Math.sqrt((double) size[3])));
      Sample q = Sample.normal(type, size[0], size[1], size[3]);
      Sample k = Sample.normal(type, size[0], size[2], size[3]);
      Sample v = Sample.normal(type, size[0], size[2], size[3]);
      Sample dy = Sample.normal(type, size[0], size[1], size[3]);
      Sample whole = Sample.some(I32, new double[] {0}, size[0]);
      Sample packed = Sample.of(I32, (seed, t) -> t / 19 * 19, size[0]); // records of 19 tokens
      Sample any = Sample.of(I32, (seed, t) -> Math.floorMod(seed * 31 + t * t, t + 1), size[0]);
      for (Sample starts : List.of(whole, packed, any)) {
        cases.add(Case.within(bound, op, q, k, v, starts, dy));
      }
    }
  }

  /** Sums over the tokens of dy, and of scale·(dy·v)·q or k, each product of a head's size. */
  private static double attentionTerms(Case at, long seed) {
    Backward.Attention op = (Backward.Attention) at.op();
    long tokens = at.samples().getFirst().shape().dim(0);
    double size = Math.sqrt((double) at.samples().getFirst().shape().dim(2));
    double slope = 2 * size * at.largest(4, seed) * at.largest(2, seed);
    double most = Math.max(at.largest(0, seed), at.largest(1, seed));
    return Math.sqrt((double) tokens) * (op.scale() * size * slope * most + at.largest(4, seed));
  }
}
