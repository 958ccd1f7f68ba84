package io.garut.train.autograd;

import static io.garut.train.autograd.GradientCase.normal;
import static io.garut.train.autograd.GradientCase.of;
import static io.garut.train.autograd.GradientCase.positive;
import static io.garut.train.autograd.GradientCase.some;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Every operation through which a gradient flows, on awkward shapes. */
final class GradientCases {
  private GradientCases() {}

  static List<GradientCase> all() {
    List<GradientCase> cases = new ArrayList<>();
    pointwise(cases);
    movement(cases);
    indexing(cases);
    reductions(cases);
    products(cases);
    layers(cases);
    return cases;
  }

  private static void pointwise(List<GradientCase> cases) {
    for (Function function : Function.values()) {
      boolean positive =
          switch (function) {
            case SQRT, RSQRT, LOG -> true;
            case NEG, ABS, SIGN, SQUARE, RECIPROCAL, EXP, SIN, COS, TANH, ERF, SIGMOID, FLOOR, CEIL, ROUND -> false;
          };
      boolean flows =
          switch (function) {
            case SIGN, FLOOR, CEIL, ROUND -> false;
            case NEG, ABS, SQUARE, SQRT, RSQRT, RECIPROCAL, EXP, LOG, SIN, COS, TANH, ERF, SIGMOID -> true;
          };
      if (flows) {
        Pointwise.Unary op = new Pointwise.Unary(function);
        boolean pole = function == Function.RECIPROCAL;
        cases.add(of(op, positive || pole ? positive(1, 3, 7) : normal(1, 3, 7)));
        cases.add(of(op, positive ? positive(2) : some(new double[] {-1.25}, 1)));
      }
    }
    for (Activation activation : Activation.values()) {
      // on either side of every bend: 0, ±3, 6, and ±10 of the clipped GELU
      cases.add(of(new Pointwise.Activate(activation), normal(3, 2, 13)));
      cases.add(of(new Pointwise.Activate(activation), some(new double[] {-9, -2.9, -3.1, 2.9, 3.1, 5.9, 6.1, 9.5, 10.5}, 9)));
    }
    for (Function2 function : Function2.values()) {
      Pointwise.Binary op = new Pointwise.Binary(function);
      Supplier<Tensor> a = function == Function2.POW ? positive(4, 3, 1, 5) : normal(4, 3, 1, 5);
      Supplier<Tensor> b = function == Function2.DIV ? positive(5, 2, 5) : normal(5, 2, 5);
      cases.add(of(op, a, b));
      cases.add(of(op, positive(6), positive(7, 4)));
      cases.add(of(op, positive(8, 2, 3), positive(9)));
    }
    cases.add(of(new Pointwise.Where(), bools(3, 1), normal(10, 3, 5), normal(11, 2, 1, 5)));
    cases.add(of(new Pointwise.Where(), bools(2, 1, 3), normal(12), normal(13, 4, 1)));
    cases.add(of(new Pointwise.Cast(DType.F64), normal(14, 3, 5)));
  }

  private static void movement(List<GradientCase> cases) {
    cases.add(of(new Movement.Reshape(Shape.of(2, 9)), normal(20, 3, 6)));
    cases.add(of(new Movement.Named("sheep"), normal(21, 3, 2)));
    cases.add(of(new Movement.Permute(List.of(2, 0, -2)), normal(22, 2, 3, 5)));
    cases.add(of(new Movement.Permute(List.of(0)), normal(23, 5)));
    cases.add(of(new Movement.BroadcastTo(Shape.of(2, 3, 5)), normal(24, 3, 1)));
    cases.add(of(new Movement.BroadcastTo(Shape.of(4, 1)), normal(25)));
    cases.add(of(new Movement.Slice(0, 1, 3, 1), normal(26, 5, 3)));
    cases.add(of(new Movement.Slice(-2, 1, 2, 2), normal(27, 2, 5, 3)));
    cases.add(of(new Movement.Slice(1, 6, 0, 1), normal(28, 2, 7)));
    cases.add(of(new Movement.Split(1, 3), normal(29, 2, 6, 3)));
    cases.add(of(new Movement.Split(-1, 1), normal(30, 2, 3)));
    cases.add(of(new Movement.Concat(1), normal(31, 2, 3), normal(32, 2, 1), normal(33, 2, 4)));
    cases.add(of(new Movement.Concat(0), normal(34, 3)));
  }

  private static void indexing(List<GradientCase> cases) {
    cases.add(of(new Indexing.Gather(0), normal(40, 4, 3), matrix(5, 2, 0, 3, 1, 1, 0, 0, 3, 2, 2, 2)));
    cases.add(of(new Indexing.Gather(-1), normal(41, 2, 5), matrix(2, 3, 4, 4, 0, 1, 2, 1)));
    for (boolean add : new boolean[] {false, true}) {
      // places named twice, places that none names, an index shorter than the tensor
      cases.add(
          of(new Indexing.Scatter(0, add), normal(42, 4, 3), matrix(3, 2, 0, 3, 1, 1, 0, 1), normal(43, 3, 2)));
      cases.add(
          of(new Indexing.Scatter(1, add), normal(44, 2, 3), matrix(2, 4, 2, 2, 0, 2, 1, 1, 1, 0), normal(45, 2, 4)));
    }
    cases.add(of(new Indexing.IndexSelect(1), normal(46, 2, 4, 3), vector(3, 0, 0, 2, 3)));
    cases.add(of(new Indexing.SegmentSum(0, 6), normal(47, 4, 3), vector(5, 0, 0, 2)));
    cases.add(of(new Indexing.SegmentSum(-1, 2), normal(48, 2, 3), vector(1, 1, 0)));
    cases.add(of(new Indexing.Embedding(), normal(49, 5, 3), matrix(2, 3, 4, 0, 4, 4, 1, 2)));
    cases.add(of(new Indexing.Embedding(), normal(50, 5, 3), () -> Tensor.of(new int[] {2}).reshape()));
  }

  private static void reductions(List<GradientCase> cases) {
    for (Fold fold : Fold.values()) {
      if (fold == Fold.ANY || fold == Fold.ALL) {
        continue; // of BOOL
      }
      for (boolean keep : new boolean[] {false, true}) {
        cases.add(of(new Reduction.Reduce(fold, List.of(), keep), normal(60, 2, 3)));
        cases.add(of(new Reduction.Reduce(fold, List.of(1), keep), normal(61, 2, 3, 4)));
        cases.add(of(new Reduction.Reduce(fold, List.of(-1, 0), keep), normal(62, 2, 3, 4)));
      }
      cases.add(of(new Reduction.Reduce(fold, List.of(), false), normal(63)));
    }
    // one zero, two zeros, none
    Supplier<Tensor> zeros = some(new double[] {0, 2, -3, 0, 0, 1.5, 1, 2, 3}, 3, 3);
    cases.add(of(new Reduction.Reduce(Fold.PROD, List.of(1), false), zeros));
    for (boolean log : new boolean[] {false, true}) {
      cases.add(of(new Reduction.Softmax(-1, log), normal(64, 3, 5)));
      cases.add(of(new Reduction.Softmax(0, log), normal(65, 4, 3)));
      cases.add(of(new Reduction.Softmax(1, log), normal(66, 2, 1, 3)));
    }
    cases.add(of(new Reduction.TopK(2), normal(67, 3, 7)));
    cases.add(of(new Reduction.TopK(3), normal(68, 3)));
    cases.add(of(new Reduction.SquareSums(4), normal(69, 3, 5)));
  }

  private static void products(List<GradientCase> cases) {
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        Product.MatMul op = new Product.MatMul(ta, tb);
        cases.add(of(op, ta ? normal(70, 3, 2) : normal(70, 2, 3), tb ? normal(71, 5, 3) : normal(71, 3, 5)));
        Supplier<Tensor> wide = ta ? normal(72, 2, 1, 3, 4) : normal(72, 2, 1, 4, 3);
        cases.add(of(op, wide, tb ? normal(73, 3, 2, 3) : normal(73, 3, 3, 2)));
        cases.add(of(op, normal(74, 1, 1), tb ? normal(75, 3, 4, 1) : normal(75, 3, 1, 4)));
      }
    }
    for (Activation activation : Activation.values()) {
      cases.add(of(new Product.Linear(activation), normal(76, 2, 3, 5), normal(77, 4, 5), normal(78, 4)));
    }
    cases.add(of(new Product.Linear(Activation.IDENTITY), normal(79, 7), normal(80, 3, 7)));
  }

  private static void layers(List<GradientCase> cases) {
    cases.add(of(new Layer.LayerNorm(1e-5), normal(90, 3, 7), normal(91, 7), normal(92, 7)));
    cases.add(of(new Layer.LayerNorm(1e-2), normal(93, 2, 2, 2), normal(94, 2), normal(95, 2)));
    Supplier<Tensor> positions = vector(3, 0, 6, 3);
    cases.add(of(new Layer.CrossEntropy(), normal(96, 4, 7), vector(3, Layer.CrossEntropy.IGNORE, 6, 0)));
    cases.add(of(new Layer.CrossEntropy(), normal(97, 1, 1), vector(0)));
    for (int[] starts : new int[][] {{0, 0, 0, 0, 0}, {0, 0, 2, 2, 4}, {0, 1, 0, 2, 1}}) {
      Supplier<Tensor> from = () -> Tensor.of(starts);
      cases.add(
          of(new Layer.Attention(0.5f), normal(98, 5, 4, 3), normal(99, 5, 2, 3), normal(100, 5, 2, 3), from));
    }
    cases.add(of(new Layer.Attention(1), normal(101, 1, 1, 2), normal(102, 1, 1, 2), normal(103, 1, 1, 2), vector(0)));
    cases.add(of(new Layer.Rotary(), normal(104, 4, 2, 6), positions, angles(true), angles(false)).holding(2, 3));
  }

  private static Supplier<Tensor> angles(boolean cosines) {
    return () -> {
      Tensor angles = Tensor.arange(DType.F64, 14).times(0.7).reshape(7, 2);
      return angles.map(cosines ? Function.COS : Function.SIN);
    };
  }

  private static Supplier<Tensor> bools(long... dims) {
    return () -> Tensor.arange(DType.I32, Shape.of(dims).elements()).reshape(dims)
        .compare(Pointwise.Relation.NE, Tensor.of(new int[] {1}));
  }

  private static Supplier<Tensor> vector(int... elements) {
    return () -> Tensor.of(elements);
  }

  private static Supplier<Tensor> matrix(int rows, int columns, int... elements) {
    return () -> Tensor.of(elements, rows, columns);
  }
}
