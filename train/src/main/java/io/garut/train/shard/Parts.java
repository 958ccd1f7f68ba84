package io.garut.train.shard;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.train.comm.Piece;
import io.garut.train.optim.Offload;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Where the parts of cut tensors lie. */
final class Parts {
  private Parts() {}

  /** What {@code rank} has of {@code whole}, a tensor that is cut as {@code cut} says. */
  static MemorySegment segment(Tensor whole, Cut cut, int rank) {
    return segment(whole.segment(), whole.dtype(), cut, rank);
  }

  /** The same of the memory of such a tensor. */
  static MemorySegment segment(MemorySegment whole, DType type, Cut cut, int rank) {
    return whole.asSlice(type.bytes(cut.from(rank)), type.bytes(cut.length(rank)));
  }

  /** The same as a tensor [1, N] over the same memory, which the caller closes. */
  static Tensor view(Tensor whole, Cut cut, int rank) {
    Spec spec = Spec.of(whole.dtype(), Shape.of(1, cut.length(rank)));
    return whole.view(spec, whole.dtype().bytes(cut.from(rank))).keep();
  }

  /** Memory of its own where {@code offload} has it, [1, length], which the caller closes. */
  static Tensor empty(DType type, long length, Offload offload) {
    Spec spec = Spec.of(type, Shape.of(1, length));
    return Tensor.wrap(spec, offload.allocate(spec), 0).keep();
  }

  /** The parts of several tensors, of one type, for each rank. */
  static List<Piece> ofRanks(List<Tensor> wholes, int ranks) {
    List<Piece> all = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      int of = rank;
      List<MemorySegment> segments =
          wholes.stream().map(whole -> segment(whole, Cut.of(whole, ranks), of)).toList();
      all.add(Piece.of(wholes.getFirst().dtype(), segments));
    }
    return all;
  }

  /** The memory of whole tensors, of one type. */
  static Piece of(List<Tensor> tensors) {
    return Piece.of(tensors.getFirst().dtype(), tensors.stream().map(Tensor::segment).toList());
  }
}
