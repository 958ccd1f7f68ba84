package io.garut.train.autograd;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Movement;
import io.garut.tensor.spi.Executor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Operations that move elements and change none. */
final class MovementRules {
  private MovementRules() {}

  static Pullback of(Movement op, Call call) {
    Shape shape = call.shape(0);
    return switch (op) {
      case Movement.Reshape _ -> call.back(dy -> dy.reshape(shape.toArray()));
      case Movement.Named _ -> call.back(dy -> dy);
      case Movement.Permute(var axes) -> call.back(dy -> dy.permute(inverse(axes, shape)));
      case Movement.BroadcastTo _ -> call.back(dy -> Adjoint.sumTo(dy, shape));
      case Movement.Slice slice -> call.back(dy -> spread(slice, shape, dy));
      case Movement.Split(var axis, _) -> split(axis, call.resultShape(0));
      case Movement.Concat(var axis) -> concat(axis, call);
    };
  }

  private static int[] inverse(List<Integer> axes, Shape shape) {
    int[] inverse = new int[axes.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[shape.axis(axes.get(i))] = i;
    }
    return inverse;
  }

  /** {@code dy} where the slice was taken from, zeros elsewhere. */
  private static Tensor spread(Movement.Slice slice, Shape shape, Tensor dy) {
    Executor executor = Executor.current();
    Tensor where = executor.apply(new Creation.Arange(DType.I64, slice.length(), slice.start(), slice.step()))[0];
    return executor.apply(new Indexing.SegmentSum(slice.axis(), shape.dim(slice.axis())), dy, where)[0];
  }

  private static Pullback split(int axis, Shape piece) {
    return dy -> {
      Tensor any = Stream.of(dy).filter(part -> part != null).findFirst().orElseThrow();
      Tensor[] parts = dy.clone();
      Arrays.setAll(parts, i -> parts[i] != null ? parts[i] : Adjoint.zeros(any, piece));
      return new Tensor[] {Tensor.concat(axis, parts)};
    };
  }

  private static Pullback concat(int axis, Call call) {
    Tensor[] none = new Tensor[call.inputs()];
    long[] lengths = new long[none.length];
    boolean[] wanted = new boolean[none.length];
    for (int i = 0; i < none.length; i++) {
      lengths[i] = call.shape(i).dim(axis);
      wanted[i] = call.wants(i);
    }
    return dy -> {
      Tensor[] dx = none.clone();
      long from = 0;
      for (int i = 0; i < dx.length; i++) {
        dx[i] = wanted[i] ? dy[0].slice(axis, from, from + lengths[i]) : null;
        from += lengths[i];
      }
      return dx;
    };
  }
}
