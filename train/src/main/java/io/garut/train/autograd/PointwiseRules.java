package io.garut.train.autograd;

import static io.garut.train.autograd.Adjoint.mask;
import static io.garut.train.autograd.Adjoint.sumTo;
import static io.garut.train.autograd.Adjoint.wide;
import static io.garut.train.autograd.Adjoint.zeros;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;

/** Operations on each element by itself. Where a function jumps or bends, as PyTorch has it. */
final class PointwiseRules {
  private PointwiseRules() {}

  static Pullback of(Pointwise op, Call call) {
    return switch (op) {
      case Pointwise.Unary(var function) -> unary(function, call);
      case Pointwise.Activate(var activation) -> activate(activation, call);
      case Pointwise.Binary(var function) -> binary(function, call);
      case Pointwise.Where _ -> where(call);
      case Pointwise.Cast(var dtype) -> {
        DType back = Slot.type(call.dtype(0));
        yield dtype.isFloat() ? call.back(dy -> dy.cast(back)) : null;
      }
      case Pointwise.Is _, Pointwise.Compare _, Pointwise.Combine _ -> null;
    };
  }

  private static Pullback unary(Function function, Call call) {
    return switch (function) {
      case NEG -> call.back(Tensor::neg);
      case ABS -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.times(wide(x.get()).map(Function.SIGN)));
      }
      case SIGN, FLOOR, CEIL, ROUND -> null;
      case SQUARE -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.times(wide(x.get())).times(2));
      }
      case SQRT -> {
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(dy -> dy.times(0.5).div(wide(y.get())));
      }
      case RSQRT -> {
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(dy -> dy.times(wide(y.get()).pow(3)).times(-0.5));
      }
      case RECIPROCAL -> {
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(dy -> dy.times(wide(y.get()).square()).neg());
      }
      case EXP -> {
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(dy -> dy.times(wide(y.get())));
      }
      case LOG -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.div(wide(x.get())));
      }
      case SIN -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.times(wide(x.get()).map(Function.COS)));
      }
      case COS -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.times(wide(x.get()).map(Function.SIN)).neg());
      }
      case TANH -> {
        Supplier<Tensor> y = call.keepResult(0);
        yield call.back(dy -> dy.minus(dy.times(wide(y.get()).square())));
      }
      case ERF -> {
        Supplier<Tensor> x = call.keep(0);
        yield call.back(dy -> dy.times(wide(x.get()).square().neg().exp()).times(2 / Math.sqrt(Math.PI)));
      }
      case SIGMOID -> {
        Supplier<Tensor> kept = call.keepResult(0);
        yield call.back(
            dy -> {
              Tensor y = wide(kept.get());
              return dy.times(y.minus(y.square()));
            });
      }
    };
  }

  private static Pullback activate(Activation activation, Call call) {
    Supplier<Tensor> x = call.keep(0);
    return call.back(dy -> Executor.current().apply(new Backward.Activate(activation), wide(x.get()), dy)[0]);
  }

  private static Pullback binary(Function2 function, Call call) {
    Shape a = call.shape(0);
    Shape b = call.shape(1);
    return switch (function) {
      case ADD -> call.back(dy -> sumTo(dy, a), dy -> sumTo(dy, b));
      case SUB -> call.back(dy -> sumTo(dy, a), dy -> sumTo(dy, b).neg());
      case MUL -> {
        Supplier<Tensor> y = call.keepFor(0, 1);
        Supplier<Tensor> x = call.keepFor(1, 0);
        yield call.back(dy -> sumTo(dy.times(wide(y.get())), a), dy -> sumTo(dy.times(wide(x.get())), b));
      }
      case DIV -> {
        Supplier<Tensor> y = call.keep(1);
        Supplier<Tensor> x = call.keepFor(1, 0);
        yield call.back(
            dy -> sumTo(dy.div(wide(y.get())), a),
            dy -> sumTo(dy.times(wide(x.get())).div(wide(y.get()).square()), b).neg());
      }
      case POW -> pow(call);
      case MAX, MIN -> extreme(function == Function2.MAX, call);
    };
  }

  /** b·aᵇ⁻¹ (0 where b is 0, whatever a) and aᵇ·ln a (0 where a is 0). */
  private static Pullback pow(Call call) {
    Shape shapeA = call.shape(0);
    Shape shapeB = call.shape(1);
    Supplier<Tensor> keptA = call.keep(0);
    Supplier<Tensor> keptB = call.keep(1);
    Supplier<Tensor> y = call.keepResult(0);
    return call.back(
        dy -> {
          Tensor a = wide(keptA.get());
          Tensor b = wide(keptB.get());
          Tensor none = zeros(dy, Shape.scalar());
          return sumTo(b.eq(none).where(none, dy.times(b).times(a.pow(b.minus(1)))), shapeA);
        },
        dy -> {
          Tensor a = wide(keptA.get());
          Tensor none = zeros(dy, Shape.scalar());
          return sumTo(a.eq(none).where(none, dy.times(wide(y.get())).times(a.log())), shapeB);
        });
  }

  /** All of it to the larger (or smaller), half of it to each of two equals. */
  private static Pullback extreme(boolean larger, Call call) {
    Shape shapeA = call.shape(0);
    Shape shapeB = call.shape(1);
    Supplier<Tensor> keptA = call.keep(0);
    Supplier<Tensor> keptB = call.keep(1);
    return call.back(
        dy -> sumTo(dy.times(share(larger, wide(keptA.get()), wide(keptB.get()))), shapeA),
        dy -> sumTo(dy.times(share(larger, wide(keptB.get()), wide(keptA.get()))), shapeB));
  }

  private static Tensor share(boolean larger, Tensor own, Tensor other) {
    Tensor alone = mask(larger ? own.gt(other) : own.lt(other), own);
    return alone.plus(mask(own.eq(other), own).times(0.5));
  }

  private static Pullback where(Call call) {
    Shape yes = call.shape(1);
    Shape no = call.shape(2);
    Supplier<Tensor> condition = call.keep(0);
    return call.back(
        null,
        dy -> sumTo(condition.get().where(dy, zeros(dy, Shape.scalar())), yes),
        dy -> sumTo(condition.get().where(zeros(dy, Shape.scalar()), dy), no));
  }
}
