package io.garut.train.autograd;

import static io.garut.train.autograd.Adjoint.mask;
import static io.garut.train.autograd.Adjoint.wide;
import static io.garut.train.autograd.Adjoint.zeros;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.function.Supplier;

/** Operations that sum up an axis, or look along one. */
final class ReductionRules {
  private ReductionRules() {}

  static Pullback of(Reduction op, Call call) {
    return switch (op) {
      case Reduction.Reduce reduce -> reduce(reduce, call);
      case Reduction.Softmax(var axis, var log) -> softmax(axis, log, call);
      case Reduction.TopK _ -> topK(call);
      case Reduction.SquareSums(var run) -> squareSums(run, call);
      case Reduction.ArgMax _, Reduction.FirstNonFinite _ -> null;
    };
  }

  private static Pullback reduce(Reduction.Reduce op, Call call) {
    Shape shape = call.shape(0);
    int[] axes = op.axes(shape).stream().mapToInt(axis -> axis).toArray();
    return switch (op.fold()) {
      case SUM -> call.back(dy -> stretched(dy, axes, shape));
      case MEAN -> {
        double count = (double) shape.elements() / Math.max(1, call.resultShape(0).elements());
        yield call.back(dy -> stretched(dy.div(count), axes, shape));
      }
      case PROD -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> stretched(dy, axes, shape).times(products(wide(x.get()), axes)));
      }
      case MAX, MIN -> {
        Supplier<Tensor> x = call.keep(0);
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(
            dy -> {
              Tensor hit = mask(wide(x.get()).eq(stretched(wide(y.get()), axes, shape)), dy);
              return hit.times(stretched(dy, axes, shape)).div(hit.reduceKeeping(Fold.SUM, axes)); // ties share it
            });
      }
      case ANY, ALL -> null;
    };
  }

  /** What was reduced over {@code axes} of {@code shape}, over all of it again. */
  private static Tensor stretched(Tensor reduced, int[] axes, Shape shape) {
    Shape kept = shape;
    for (int axis : axes) {
      kept = kept.with(axis, 1);
    }
    return reduced.reshape(kept.toArray()).broadcastTo(shape.toArray());
  }

  /** For each element the product of the others along {@code axes}, which may hold zeros. */
  private static Tensor products(Tensor x, int[] axes) {
    Tensor none = zeros(x, Shape.scalar());
    Tensor zero = x.eq(none);
    Tensor safe = zero.where(Tensor.full(x.dtype(), Shape.scalar(), 1), x);
    Tensor others = safe.reduceKeeping(Fold.PROD, axes).div(safe); // of those that are not zero
    Tensor zerosElsewhere = mask(zero, x).reduceKeeping(Fold.SUM, axes).minus(mask(zero, x));
    return zerosElsewhere.eq(none).where(others, none);
  }

  private static Pullback softmax(int axis, boolean log, Call call) {
    Supplier<Tensor> kept = call.keepResult(0);
    return call.back(
        dy -> {
          Tensor y = wide(kept.get());
          return log
              ? dy.minus(y.exp().times(dy.reduceKeeping(Fold.SUM, axis)))
              : y.times(dy.minus(dy.times(y).reduceKeeping(Fold.SUM, axis)));
        });
  }

  private static Pullback topK(Call call) {
    Shape shape = call.shape(0);
    Supplier<Tensor> indices = call.keepResult(1);
    return call.back(dy -> zeros(dy, shape).scatterAdd(-1, indices.get(), dy));
  }

  private static Pullback squareSums(long run, Call call) {
    Shape shape = call.shape(0);
    Supplier<Tensor> x = call.keep(0);
    return call.back(
        dy -> {
          Tensor own = Tensor.arange(DType.I64, shape.elements()).div(Tensor.full(DType.I64, Shape.scalar(), (double) run));
          Tensor factor = dy.indexSelect(0, own).reshape(shape.toArray()).times(2);
          return factor.cast(x.get().dtype()).times(x.get());
        });
  }
}
