package io.garut.tensor.reference;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Kernel;

/** Operations that write into their first inputs, in double precision, rounded once. */
final class UpdateLoops {
  private UpdateLoops() {}

  static Kernel bind(Update op, Tensor[] inputs) {
    return switch (op) {
      case Update.Add _ -> {
        Cells target = Cells.of(op, inputs[0]);
        Cells source = Cells.of(op, inputs[1]);
        yield () -> {
          for (long i = 0; i < target.count; i++) {
            target.put(i, target.number(i) + source.number(i));
          }
        };
      }
      case Update.Scale _ -> {
        Cells target = Cells.of(op, inputs[0]);
        Cells factor = Cells.of(op, inputs[1]);
        yield () -> {
          double by = factor.number(0);
          for (long i = 0; i < target.count; i++) {
            target.put(i, target.number(i) * by);
          }
        };
      }
      case Update.Copy _ -> PointwiseLoops.cast(Cells.of(op, inputs[1]), Cells.of(op, inputs[0]));
      case Update.AdamW adamW -> adamW(adamW, inputs);
      case Update.Sgd sgd -> sgd(sgd, inputs);
    };
  }

  private static Kernel adamW(Update.AdamW op, Tensor[] inputs) {
    Cells p = Cells.of(op, inputs[0]);
    Cells m = Cells.of(op, inputs[1]);
    Cells v = Cells.of(op, inputs[2]);
    Cells gradient = Cells.of(op, inputs[3]);
    Cells schedule = Cells.of(op, inputs[4]);
    return () -> {
      double rate = schedule.number(0);
      double step = schedule.number(1);
      double factor = schedule.number(2);
      double size = rate / (1 - StrictMath.pow(op.beta1(), step));
      double correction = Math.sqrt(1 - StrictMath.pow(op.beta2(), step));
      for (long i = 0; i < p.count; i++) {
        double g = gradient.number(i) * factor;
        double first = m.number(i) + (1 - op.beta1()) * (g - m.number(i));
        double second = op.beta2() * v.number(i) + (1 - op.beta2()) * g * g;
        double decayed = p.number(i) * (1 - rate * op.weightDecay());
        m.put(i, first);
        v.put(i, second);
        p.put(i, decayed - size * first / (Math.sqrt(second) / correction + op.epsilon()));
      }
    };
  }

  private static Kernel sgd(Update.Sgd op, Tensor[] inputs) {
    Cells p = Cells.of(op, inputs[0]);
    Cells momentum = Cells.of(op, inputs[1]);
    Cells gradient = Cells.of(op, inputs[2]);
    Cells schedule = Cells.of(op, inputs[3]);
    return () -> {
      double rate = schedule.number(0);
      double factor = schedule.number(2);
      for (long i = 0; i < p.count; i++) {
        double g = gradient.number(i) * factor + op.weightDecay() * p.number(i);
        double b = op.momentum() * momentum.number(i) + g;
        momentum.put(i, b);
        p.put(i, p.number(i) - rate * (op.nesterov() ? g + op.momentum() * b : b));
      }
    };
  }
}
