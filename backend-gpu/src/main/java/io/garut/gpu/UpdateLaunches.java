package io.garut.gpu;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** What writes into operands. */
final class UpdateLaunches {
  private UpdateLaunches() {}

  /** Three F64, which the host reads at every run. */
  private record Schedule(Spec spec, Storage storage, long offset) {
    Schedule(Tensor tensor) {
      this(tensor.spec(), tensor.storage(), tensor.byteOffset());
    }

    double[] values() {
      HostStorage host = storage.toHost(spec);
      try {
        return host.segment().asSlice(offset, spec.bytes()).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
      } finally {
        host.release();
      }
    }
  }

  static boolean bind(Update op, Tensor[] inputs, Operands operands) {
    Tensor target = inputs[0];
    int elements = Math.toIntExact(target.elements());
    if (elements == 0) {
      return false;
    }
    return switch (op) {
      case Update.Add _ -> simple(Code.ADD_TO, inputs, operands);
      case Update.Scale _ -> simple(Code.SCALE, inputs, operands);
      case Update.Copy _ -> {
        if (!MovementLaunches.isOfWords(target, inputs[1])) {
          yield false;
        }
        MovementLaunches.copy(operands, inputs[1], operands.read(inputs[1]), changed(target, operands));
        yield true;
      }
      case Update.AdamW adamW -> {
        if (!Launches.areFloats(Arrays.copyOf(inputs, 4))) {
          yield false;
        }
        Schedule schedule = new Schedule(inputs[4]);
        int gradient = operands.read(inputs[3]);
        operands.launchGrid(
            Code.ADAM_W, elements, 1, () -> factors(adamW, schedule), changed(target, operands), changed(inputs[1], operands),
            changed(inputs[2], operands), gradient, elements);
        yield true;
      }
      case Update.Sgd sgd -> {
        if (!Launches.areFloats(Arrays.copyOf(inputs, 3))) {
          yield false;
        }
        Schedule schedule = new Schedule(inputs[3]);
        int gradient = operands.read(inputs[2]);
        operands.launchGrid(
            Code.SGD, elements, 1, () -> factors(sgd, schedule), changed(target, operands), changed(inputs[1], operands),
            gradient, elements, sgd.nesterov() ? 1 : 0);
        yield true;
      }
    };
  }

  private static boolean simple(Code code, Tensor[] inputs, Operands operands) {
    if (!Launches.areFloats(inputs)) {
      return false;
    }
    int elements = Math.toIntExact(inputs[0].elements());
    int source = operands.read(inputs[1]);
    operands.launch(code, elements, changed(inputs[0], operands), source, elements);
    return true;
  }

  /** Where {@code target} begins, read too: it may be a part of its storage, of which the rest stays as it is. */
  private static int changed(Tensor target, Operands operands) {
    operands.read(target);
    return operands.written(target);
  }

  private static float[] factors(Update.AdamW op, Schedule schedule) {
    double[] at = schedule.values();
    double size = at[0] / (1 - StrictMath.pow(op.beta1(), at[1]));
    double correction = Math.sqrt(1 - StrictMath.pow(op.beta2(), at[1]));
    return floats(
        at[2], 1 - op.beta1(), op.beta2(), 1 - op.beta2(), 1 - at[0] * op.weightDecay(), 1 / correction, op.epsilon(), size);
  }

  private static float[] factors(Update.Sgd op, Schedule schedule) {
    double[] at = schedule.values();
    return floats(at[2], op.weightDecay(), op.momentum(), at[0]);
  }

  private static float[] floats(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
