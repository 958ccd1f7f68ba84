package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.BOOL;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;
import static io.garut.tensor.DType.I64;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Movement;
import java.util.ArrayList;
import java.util.List;

/** Operations that make, move and address elements: all of them exact but for added ones. */
final class MovementCases {
  private static final List<DType> PLAIN = List.of(F64, F32, F16, BF16, I64, I32, BOOL);

  private MovementCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    creation(cases);
    for (DType type : PLAIN) {
      movement(cases, type);
      indexing(cases, type);
    }
    blocks(cases);
    return cases;
  }

  private static void creation(List<Case> cases) {
    for (DType type : PLAIN) {
      for (long[] dims : new long[][] {{}, {1}, {207}, {3, 0}, {3, 67}}) {
        cases.add(Case.exact(new Creation.Full(type, Shape.of(dims), 3)));
        cases.add(Case.exact(new Creation.Full(type, Shape.of(dims), 0)));
      }
      if (type != BOOL) {
        cases.add(Case.exact(new Creation.Arange(type, 207, -100, 1)));
        cases.add(Case.exact(new Creation.Arange(type, 33, 5, -3)));
        cases.add(Case.exact(new Creation.Arange(type, 0, 5, 1)));
      }
    }
    cases.add(Case.exact(new Creation.Full(F32, Shape.of(33), Double.NaN)));
    cases.add(Case.exact(new Creation.Full(F32, Shape.of(33), 0.1)));
    cases.add(Case.exact(new Creation.Full(F16, Shape.of(33), 1e6)));
    cases.add(Case.exact(new Creation.Arange(F32, 702, 0.1, 0.3)));
    for (DType type : List.of(F32, F64)) {
      for (long[] dims : new long[][] {{}, {1}, {33, 7}, {5003}}) {
        cases.add(Case.exact(new Creation.Rand(type, Shape.of(dims), -7)));
        cases.add(Case.exact(new Creation.Randn(type, Shape.of(dims), 42)));
      }
    }
  }

  private static Sample any(DType type, long... dims) {
    return type == BOOL ? Sample.bools(dims) : Sample.normal(type, dims);
  }

  private static void movement(List<Case> cases, DType type) {
    cases.add(Case.exact(new Movement.Reshape(Shape.of(4, 9)), any(type, 3, 12)));
    cases.add(Case.exact(new Movement.Reshape(Shape.scalar()), any(type, 1, 1)));
    cases.add(Case.exact(new Movement.Permute(List.of(1, 0)), any(type, 31, 67)));
    cases.add(Case.exact(new Movement.Permute(List.of(-1, 0)), any(type, 1, 13)));
    cases.add(Case.exact(new Movement.Permute(List.of(0, 2, 1, 3)), any(type, 2, 5, 3, 33)));
    cases.add(Case.exact(new Movement.Permute(List.of(3, 1, 0, 2)), any(type, 2, 5, 3, 7)));
    cases.add(Case.exact(new Movement.Permute(List.of(0, 1, 2)), any(type, 4, 5, 6)));
    cases.add(Case.exact(new Movement.Permute(List.of()), any(type)));
    cases.add(Case.exact(new Movement.BroadcastTo(Shape.of(4, 3, 33)), any(type, 3, 1)));
    cases.add(Case.exact(new Movement.BroadcastTo(Shape.of(4, 3, 33)), any(type, 33)));
    cases.add(Case.exact(new Movement.BroadcastTo(Shape.of(207)), any(type)));
    cases.add(Case.exact(new Movement.BroadcastTo(Shape.of(3, 0)), any(type, 3, 1)));
    cases.add(Case.exact(new Movement.Named("sheep"), any(type, 3, 12)));
    cases.add(Case.exact(new Movement.Split(0, 3), any(type, 9, 7)));
    cases.add(Case.exact(new Movement.Split(-2, 3), any(type, 5, 2, 3, 33)));
    cases.add(Case.exact(new Movement.Split(2, 7), any(type, 3, 1, 7)));
    cases.add(Case.exact(new Movement.Split(1, 1), any(type, 3, 5)));
    cases.add(Case.exact(new Movement.Slice(0, 2, 5, 1), any(type, 13, 3)));
    cases.add(Case.exact(new Movement.Slice(0, 1, 4, 3), any(type, 13, 33)));
    cases.add(Case.exact(new Movement.Slice(1, 1, 7, 1), any(type, 5, 13, 3)));
    cases.add(Case.exact(new Movement.Slice(-1, 2, 5, 2), any(type, 5, 13)));
    cases.add(Case.exact(new Movement.Slice(-1, 12, 1, 1), any(type, 5, 13)));
    cases.add(Case.exact(new Movement.Slice(1, 3, 0, 1), any(type, 5, 13)));
    cases.add(Case.exact(new Movement.Concat(0), any(type, 2, 3), any(type, 1, 3), any(type, 0, 3)));
    cases.add(Case.exact(new Movement.Concat(-1), any(type, 5, 3), any(type, 5, 33), any(type, 5, 1)));
    cases.add(Case.exact(new Movement.Concat(1), any(type, 2, 3, 5), any(type, 2, 7, 5)));
    cases.add(Case.exact(new Movement.Concat(0), any(type, 13)));
  }

  private static void indexing(List<Case> cases, DType type) {
    for (DType index : List.of(I32, I64)) {
      Sample seven = Sample.whole(index, 0, 6, 5, 33);
      cases.add(Case.exact(new Indexing.Gather(0), any(type, 7, 41), seven));
      cases.add(Case.exact(new Indexing.Gather(1), any(type, 9, 7), seven));
      cases.add(Case.exact(new Indexing.Gather(-2), any(type, 2, 7, 3), Sample.whole(index, 0, 6, 2, 13, 1)));
      cases.add(Case.exact(new Indexing.Scatter(0, false), any(type, 7, 41), seven, any(type, 5, 33)));
      cases.add(Case.exact(new Indexing.Scatter(1, false), any(type, 9, 7), seven, any(type, 5, 33)));
      if (type != BOOL) {
        cases.add(Case.exact(new Indexing.Scatter(0, true), any(type, 7, 41), seven, any(type, 5, 33)));
        cases.add(Case.exact(new Indexing.Scatter(-1, true), any(type, 9, 7), seven, any(type, 5, 33)));
      }
      if (type == F32 || type == F64) {
        // sums of as many terms as there are slices
        Bound bound = Bound.terms(13, Bound.all((at, seed) -> at.largest(0, seed)));
        cases.add(Case.within(bound, new Indexing.SegmentSum(0, 7), any(type, 13, 33), Sample.whole(index, 0, 6, 13)));
        cases.add(Case.within(bound, new Indexing.SegmentSum(1, 5), any(type, 3, 7, 5), Sample.whole(index, 0, 4, 7)));
        cases.add(Case.within(bound, new Indexing.SegmentSum(-1, 41), any(type, 4, 13), Sample.whole(index, 0, 40, 13)));
        cases.add(Case.within(bound, new Indexing.SegmentSum(0, 3), any(type, 0, 5), Sample.whole(index, 0, 2, 0)));
        cases.add(Case.within(bound, new Indexing.SegmentSum(0, 300), any(type, 13, 64), Sample.whole(index, 0, 299, 13)));
      }
      cases.add(Case.exact(new Indexing.IndexSelect(0), any(type, 7, 33), Sample.whole(index, 0, 6, 13)));
      cases.add(Case.exact(new Indexing.IndexSelect(1), any(type, 3, 7, 5), Sample.whole(index, 0, 6, 2)));
      cases.add(Case.exact(new Indexing.IndexSelect(-1), any(type, 13, 7), Sample.whole(index, 0, 6, 31)));
      cases.add(Case.exact(new Indexing.IndexSelect(0), any(type, 7), Sample.whole(index, 0, 6, 0)));
    }
  }

  private static void blocks(List<Case> cases) {
    for (DType type : DType.values()) {
      if (type.isBlock()) {
        long width = 2L * type.blockSize();
        cases.add(Case.exact(new Movement.Reshape(Shape.of(6, width)), Sample.blocks(type, 3, 2 * width)));
        cases.add(Case.exact(new Movement.Slice(0, 1, 3, 1), Sample.blocks(type, 5, width)));
        cases.add(Case.exact(new Movement.Slice(0, 0, 3, 2), Sample.blocks(type, 5, width)));
        cases.add(Case.exact(new Movement.Slice(1, type.blockSize(), type.blockSize(), 1), Sample.blocks(type, 3, width)));
      }
      if (type.isBlock() || type.isFloat()) {
        long width = type.isBlock() ? 2L * type.blockSize() : 33;
        cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, 13, width), Sample.whole(I32, 0, 12, 7)));
        cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, 13, width), Sample.whole(I64, 0, 12, 2, 3)));
        cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, 13, width), Sample.whole(I32, 0, 12)));
        cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, 13, width), Sample.whole(I32, 0, 12, 0)));
      }
    }
  }
}
