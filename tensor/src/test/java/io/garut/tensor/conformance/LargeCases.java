package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;
import static io.garut.tensor.DType.I64;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sizes at which kernels share out the work among threads, or go through it in blocks, with something left over. */
final class LargeCases {
  private LargeCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    pointwise(cases);
    movement(cases);
    reductions(cases);
    products(cases);
    layers(cases);
    backward(cases);
    return cases;
  }

  private static void pointwise(List<Case> cases) {
    for (Function function : List.of(Function.NEG, Function.SQRT, Function.FLOOR)) {
      cases.add(Case.exact(new Pointwise.Unary(function), Sample.positive(F32, 12, 3, 33001)));
    }
    for (Function function : List.of(Function.EXP, Function.TANH, Function.ERF, Function.SIGMOID)) {
      cases.add(Case.within(Bound.ulps(4), new Pointwise.Unary(function), Sample.wide(F32, 6, 3, 11003)));
    }
    for (Activation activation : List.of(Activation.GELU, Activation.GELU_TANH, Activation.SILU, Activation.RELU)) {
      Bound bound = PointwiseCases.bound(activation);
      cases.add(Case.within(bound, new Pointwise.Activate(activation), Sample.scaled(F32, 3, 3, 11003)));
    }
    for (long[] right : new long[][] {{7, 15013}, {15013}, {7, 1}, {}}) {
      Sample a = Sample.wide(F32, 12, 7, 15013);
      Sample b = Sample.wide(F32, 12, right);
      cases.add(Case.exact(new Pointwise.Binary(Function2.ADD), a, b));
      cases.add(Case.exact(new Pointwise.Binary(Function2.DIV), b, a));
      cases.add(Case.exact(new Pointwise.Compare(Relation.LT), a, b));
      cases.add(Case.exact(new Pointwise.Where(), Sample.bools(right), a, b));
    }
    for (DType from : List.of(F32, F16, BF16)) {
      for (DType to : List.of(F64, F32, F16, BF16, I32)) {
        cases.add(Case.exact(new Pointwise.Cast(to), Sample.wide(from, 14, 100003)));
      }
    }
  }

  private static void movement(List<Case> cases) {
    for (DType type : List.of(F32, F16, I64)) {
      Sample x = Sample.normal(type, 5, 211, 133);
      cases.add(Case.exact(new Movement.Permute(List.of(0, 2, 1)), x));
      cases.add(Case.exact(new Movement.Permute(List.of(2, 0, 1)), x));
      cases.add(Case.exact(new Movement.Permute(List.of(1, 0, 2)), x));
      cases.add(Case.exact(new Movement.Slice(1, 3, 200, 1), x));
      cases.add(Case.exact(new Movement.Slice(2, 1, 66, 2), x));
      cases.add(Case.exact(new Movement.Concat(1), x, Sample.normal(type, 5, 17, 133)));
      cases.add(Case.exact(new Movement.BroadcastTo(Shape.of(5, 211, 133)), Sample.normal(type, 211, 1)));
      cases.add(Case.exact(new Indexing.IndexSelect(1), x, Sample.whole(I64, 0, 210, 300)));
    }
    for (DType type : List.of(F32, F16, BF16, DType.Q8_0, DType.Q4_0)) {
      cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, 203, 512), Sample.whole(I32, 0, 202, 151)));
    }
    cases.add(Case.exact(new Creation.Full(F32, Shape.of(100003), 0.1)));
    cases.add(Case.exact(new Creation.Rand(F32, Shape.of(100003), 3)));
    cases.add(Case.exact(new Creation.Randn(F32, Shape.of(40003), 3)));
  }

  private static void reductions(List<Case> cases) {
    for (int axis : new int[] {0, 1}) {
      for (Fold fold : List.of(Fold.SUM, Fold.MEAN)) {
        Reduction.Reduce op = new Reduction.Reduce(fold, List.of(axis), false);
        cases.add(Case.within(Bound.terms(4, Bound.magnitudes(op)), op, Sample.normal(F32, 701, 131)));
        cases.add(Case.within(Bound.terms(4, Bound.magnitudes(op)), op, Sample.normal(F32, 3, 33001)));
      }
      cases.add(Case.exact(new Reduction.Reduce(Fold.MAX, List.of(axis), false), Sample.normal(F32, 701, 131)));
      cases.add(Case.exact(new Reduction.ArgMax(axis, false, false), Sample.normal(F32, 301, 401)));
    }
    Bound relative =
        (at, seed, type, plain) -> {
          double units = 2 * (4 + 2 * at.largest(0, seed) + Math.log(131));
          return Arrays.stream(plain).map(x -> units * x * 0x1p-23).toArray();
        };
    cases.add(Case.within(relative, new Reduction.Softmax(-1, false), Sample.scaled(F32, 3, 31, 131)));
    Bound terms = Bound.terms(2, Bound.all((at, seed) -> 4 + 2 * at.largest(0, seed) + Math.log(131)));
    cases.add(Case.within(terms, new Reduction.Softmax(-1, true), Sample.scaled(F32, 3, 701, 131)));
    for (long bad : new long[] {0, 262_143, 262_144, 299_999}) {
      Sample.Value late = (seed, i) -> i >= bad && (i - bad) % 1009 == 0 ? Double.NaN : 1;
      cases.add(Case.exact(new Reduction.FirstNonFinite(), Sample.of(F32, late, 300_001)));
    }
  }

  private static void products(List<Case> cases) {
    // rows, depth, columns
    for (long[] size : new long[][] {{530, 130, 70}, {37, 1030, 67}, {1, 1030, 700}, {7, 600, 1100}}) {
      for (boolean left : new boolean[] {false, true}) {
        for (boolean right : new boolean[] {false, true}) {
          Product.MatMul op = new Product.MatMul(left, right);
          Sample a = left ? Sample.normal(F32, size[1], size[0]) : Sample.normal(F32, size[0], size[1]);
          Sample b = right ? Sample.normal(F32, size[2], size[1]) : Sample.normal(F32, size[1], size[2]);
          cases.add(Case.within(Bound.terms(4, Bound.magnitudes(op)), op, a, b));
        }
      }
    }
    for (DType weight : DType.values()) {
      if (weight != F64 && (weight.isFloat() || weight.isBlock())) {
        long depth = weight.blockSize() == 256 ? 1280 : 1056;
        cases.add(ProductCases.linear(Activation.GELU, weight, true, 550, depth, 1));
        cases.add(ProductCases.linear(Activation.GELU, weight, true, 550, depth, 9));
      }
    }
  }

  private static void layers(List<Case> cases) {
    Bound norm = Bound.terms(4, LayerCases::normTerms);
    Sample weight = Sample.normal(F32, 257);
    cases.add(Case.within(norm, new Layer.LayerNorm(1e-5), Sample.normal(F32, 301, 257), weight, weight));
    Bound loss = Bound.terms(4, Bound.all((at, seed) -> 2 * at.largest(0, seed) + Math.log(331)));
    cases.add(
        Case.within(
            loss, new Layer.CrossEntropy(), Sample.scaled(F32, 3, 203, 331), Sample.whole(I32, 0, 330, 203)));
    Sample angles = Sample.of(F32, (seed, i) -> Math.cos(0.7 * i), 40, 8);
    Bound turned = Bound.terms(2, Bound.all((at, seed) -> at.largest(0, seed)));
    cases.add(
        Case.within(
            turned, new Layer.Rotary(), Sample.normal(F32, 131, 5, 64), Sample.whole(I32, 0, 39, 131), angles, angles));
    for (DType type : List.of(F32, F16)) {
      Sample cache = Sample.normal(type, 2, 4, 150, 64);
      Sample slots = Sample.whole(I32, 0, 1, 70);
      Sample positions = Sample.of(I32, (seed, t) -> (seed + 2 * t) % 150, 70); // none twice
      cases.add(Case.exact(new Layer.AppendCache(), cache, Sample.normal(F32, 70, 4, 64), slots, positions));
      Sample query = Sample.normal(F32, 70, 8, 64);
      cases.add(
          Case.within(LayerCases.attended(2), new Layer.CachedAttention(0.125f), query, cache, cache, slots, positions));
    }
  }

  private static void backward(List<Case> cases) {
    for (Activation activation : List.of(Activation.GELU, Activation.GELU_TANH, Activation.RELU)) {
      cases.add(BackwardCases.activate(activation, F32, 3, 11003));
    }
    cases.add(BackwardCases.layerNorm(F32, 301, 257));
    cases.add(BackwardCases.layerNorm(F32, 5003, 7)); // more rows than there are blocks of the fewest
    cases.add(BackwardCases.crossEntropy(F32, 203, 331));
    cases.add(BackwardCases.attention(F32, 600, 4, 2, 64));
  }
}
