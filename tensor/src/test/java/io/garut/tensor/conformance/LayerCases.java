package io.garut.tensor.conformance;

import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;

import io.garut.tensor.DType;
import io.garut.tensor.op.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The coarse operations of a transformer. */
final class LayerCases {
  private LayerCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (DType type : List.of(F32, F64)) {
      layerNorm(cases, type);
      crossEntropy(cases, type);
      rotary(cases, type);
      attention(cases, type);
    }
    cache(cases);
    return cases;
  }

  private static void layerNorm(List<Case> cases, DType type) {
    Layer.LayerNorm op = new Layer.LayerNorm(1e-5);
    for (long[] dims : new long[][] {{1}, {2}, {13}, {5, 31}, {2, 3, 64}, {3, 702}, {0, 5}}) {
      long width = dims[dims.length - 1];
      Sample weight = Sample.normal(type, width);
      Sample bias = Sample.normal(type, width);
      Bound bound = Bound.terms(4, LayerCases::normTerms);
      cases.add(Case.within(bound, op, Sample.normal(type, dims), weight, bias));
      Sample far = Sample.of(type, (seed, i) -> 100 + Sample.bell(seed, i), dims);
      cases.add(Case.within(bound, op, far, weight, bias));
      cases.add(Case.within(bound, op, Sample.some(type, new double[] {2}, dims), weight, bias));
    }
  }

  /** What is added up: the largest of a row over its deviation, times the largest weight, and the largest bias. */
  static double[] normTerms(Case at, long seed, double[] plain) {
    int width = Math.toIntExact(at.samples().getFirst().shape().last());
    double[] x = at.values(0, seed);
    double[] sizes = new double[plain.length];
    for (int row = 0; row < x.length; row += width) {
      double mean = Arrays.stream(x, row, row + width).average().orElseThrow();
      double variance = Arrays.stream(x, row, row + width).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      double largest = Arrays.stream(x, row, row + width).map(Math::abs).max().orElseThrow();
      double size = largest / Math.sqrt(variance + 1e-5) * at.largest(1, seed) + at.largest(2, seed);
      Arrays.fill(sizes, row, row + width, size);
    }
    return sizes;
  }

  private static void crossEntropy(List<Case> cases, DType type) {
    // the logarithm of a sum of exponentials: terms as large as the largest logit, and the logarithm of their number
    Bound bound = Bound.terms(4, Bound.all((at, seed) -> 2 * at.largest(0, seed) + Math.log(5003)));
    Layer.CrossEntropy op = new Layer.CrossEntropy();
    for (long[] size : new long[][] {{1, 1}, {1, 13}, {5, 31}, {3, 5003}, {0, 7}}) {
      double[] labels = {Layer.CrossEntropy.IGNORE, 0, size[1] - 1, Math.floorDiv(size[1], 2)};
      cases.add(Case.within(bound, op, Sample.scaled(type, 3, size), Sample.some(I32, labels, size[0])));
      cases.add(Case.within(bound, op, Sample.scaled(type, 50, size), Sample.whole(I32, 0, size[1] - 1, size[0])));
    }
  }

  private static void rotary(List<Case> cases, DType type) {
    Bound bound = Bound.terms(2, Bound.all((at, seed) -> at.largest(0, seed))); // two products, |cos|, |sin| ≤ 1
    // tokens, heads, size, rotated
    for (long[] size : new long[][] {{1, 1, 2, 2}, {3, 2, 6, 2}, {5, 4, 64, 16}, {2, 3, 33, 32}, {7, 2, 80, 20},
        {4, 1, 8, 0}}) {
      long half = size[3] / 2;
      Sample cosines = Sample.of(type, (seed, i) -> Math.cos(0.7 * i), 11, half);
      Sample sines = Sample.of(type, (seed, i) -> Math.sin(0.7 * i), 11, half);
      Sample x = Sample.normal(type, size[0], size[1], size[2]);
      cases.add(Case.within(bound, new Layer.Rotary(), x, Sample.whole(I32, 0, 10, size[0]), cosines, sines));
    }
  }

  /**
   * A weighted mean of values, whose weights carry the roundings of scores of some units: 64 in the last place of the largest
   * value.
   */
  static Bound attended(int values) {
    return Bound.terms(64, Bound.all((at, seed) -> at.largest(values, seed)));
  }

  private static float scale(long headSize) {
    return (float) (1 / Math.sqrt((double) headSize));
  }

  private static void attention(List<Case> cases, DType type) {
    // tokens, heads, groups, size
    long[][] sizes = {{1, 1, 1, 1}, {2, 2, 1, 3}, {13, 4, 2, 32}, {33, 3, 3, 64}, {70, 2, 1, 80}, {131, 1, 1, 13},
        {300, 2, 2, 40}};
    for (long[] size : sizes) {
      Layer.Attention op = new Layer.Attention(scale(size[3]));
      Sample q = Sample.normal(type, size[0], size[1], size[3]);
      Sample k = Sample.normal(type, size[0], size[2], size[3]);
      Sample v = Sample.normal(type, size[0], size[2], size[3]);
      Sample whole = Sample.some(I32, new double[] {0}, size[0]);
      Sample packed = Sample.of(I32, (seed, t) -> t / 19 * 19, size[0]); // records of 19 tokens
      Sample alone = Sample.of(I32, (seed, t) -> t, size[0]);
      Sample any = Sample.of(I32, (seed, t) -> Math.floorMod(seed * 31 + t * t, t + 1), size[0]);
      for (Sample starts : List.of(whole, packed, alone, any)) {
        cases.add(Case.within(attended(2), op, q, k, v, starts));
      }
    }
    Sample sharp = Sample.scaled(type, 30, 21, 2, 16); // scores of hundreds: one key takes all
    Bound sharpBound = Bound.terms(64 * 900, Bound.all((at, seed) -> at.largest(2, seed)));
    Sample starts = Sample.some(I32, new double[] {0}, 21);
    cases.add(
        Case.within(sharpBound, new Layer.Attention(0.25f), sharp, sharp, Sample.normal(type, 21, 2, 16), starts));
  }

  private static void cache(List<Case> cases) {
    for (DType type : List.of(F32, F16)) {
      // slots, groups, capacity, size, tokens, heads per group
      for (long[] size : new long[][] {
        {1, 1, 1, 1, 1, 1}, {2, 3, 7, 5, 4, 1}, {3, 2, 40, 32, 9, 2}, {1, 2, 300, 64, 1, 1}, {2, 2, 130, 80, 33, 1}
      }) {
        Sample keys = Sample.normal(type, size[0], size[1], size[2], size[3]);
        Sample values = Sample.normal(type, size[0], size[1], size[2], size[3]);
        Sample slots = Sample.whole(I32, 0, size[0] - 1, size[4]);
        Sample positions = Sample.whole(I32, 0, size[2] - 1, size[4]);
        Sample rows = Sample.wide(F32, 18, size[4], size[1], size[3]);
        cases.add(Case.exact(new Layer.AppendCache(), keys, rows, slots, positions));
        Layer.CachedAttention op = new Layer.CachedAttention(scale(size[3]));
        Sample q = Sample.normal(F32, size[4], size[1] * size[5], size[3]);
        cases.add(Case.within(attended(2), op, q, keys, values, slots, positions));
        // a prompt: consecutive positions of one slot
        Sample one = Sample.some(I32, new double[] {size[0] - 1}, size[4]);
        long room = size[2] - size[4] + 1;
        Sample on = Sample.of(I32, (seed, t) -> Math.floorMod(seed, room) + t, size[4]);
        cases.add(Case.within(attended(2), op, q, keys, values, one, on));
        cases.add(Case.exact(new Layer.AppendCache(), values, rows, one, on));
      }
    }
  }
}
