package io.garut.train.autograd;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;

/** Operations that address elements by indices in a tensor. */
final class IndexingRules {
  private IndexingRules() {}

  static Pullback of(Indexing op, Call call) {
    Shape shape = call.shape(0);
    Supplier<Tensor> index = call.keep(1);
    return switch (op) {
      case Indexing.Gather(var axis) ->
          call.back(dy -> Adjoint.zeros(dy, shape).scatterAdd(axis, index.get(), dy));
      case Indexing.Scatter(var axis, var add) -> add ? scatterAdd(axis, index, call) : scatter(axis, index, call);
      case Indexing.IndexSelect(var axis) -> call.back(dy -> segmentSum(axis, shape.dim(axis), dy, index.get()));
      case Indexing.SegmentSum(var axis, _) -> call.back(dy -> dy.indexSelect(axis, index.get()));
      case Indexing.Embedding _ ->
          call.back(
              dy -> {
                Tensor rows = dy.reshape(index.get().elements(), shape.last());
                return segmentSum(0, shape.dim(0), rows, index.get().reshape(-1));
              });
    };
  }

  private static Tensor segmentSum(int axis, long length, Tensor source, Tensor index) {
    return Executor.current().apply(new Indexing.SegmentSum(axis, length), source, index)[0];
  }

  private static Pullback scatterAdd(int axis, Supplier<Tensor> index, Call call) {
    return call.back(dy -> dy, null, dy -> dy.gather(axis, index.get()));
  }

  /** What was overwritten gets nothing; of several sources for one place, the last one gets it all. */
  private static Pullback scatter(int axis, Supplier<Tensor> kept, Call call) {
    Shape source = call.shape(2);
    return call.back(
        dy -> dy.scatter(axis, kept.get(), Adjoint.zeros(dy, source)),
        null,
        dy -> {
          Tensor index = kept.get();
          Tensor own = Tensor.arange(DType.I64, source.elements()).reshape(source.toArray());
          Tensor last = Tensor.full(DType.I64, dy.shape(), -1).scatter(axis, index, own).gather(axis, index);
          return last.eq(own).where(dy.gather(axis, index), Adjoint.zeros(dy, Shape.scalar()));
        });
  }
}
