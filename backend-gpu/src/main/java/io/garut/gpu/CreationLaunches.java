package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Creation;

/** What is made from nothing. */
final class CreationLaunches {
  private CreationLaunches() {}

  static boolean bind(Creation op, Tensor y, Operands operands) {
    boolean takes =
        switch (op) {
          case Creation.Full _ -> y.dtype() == DType.F32 || y.dtype() == DType.I32;
          case Creation.Rand _ -> y.dtype() == DType.F32;
          case Creation.Arange _, Creation.Randn _ -> false; // computed in double precision
        };
    if (!takes || !y.storage().isPlain()) {
      return false;
    }
    int elements = Math.toIntExact(y.elements());
    int begin = operands.written(y);
    switch (op) {
      case Creation.Full(var type, _, var value) when type == DType.F32 -> fill(operands, begin, elements, (float) value);
      case Creation.Full(_, _, var value) -> operands.launch(Code.FILL_WORDS, elements, begin, elements, (int) value);
      case Creation.Rand(_, _, var seed) ->
          operands.launch(Code.RAND, elements, begin, elements, (int) (seed >> 32), (int) seed);
      case Creation.Arange _, Creation.Randn _ -> throw new IllegalStateException("no kernel for " + op);
    }
    return true;
  }

  /** Writes {@code value} everywhere. */
  static void fill(Operands operands, int begin, int elements, float value) {
    float[] factor = {value};
    operands.launchGrid(Code.FILL_FLOATS, elements, 1, () -> factor, begin, elements);
  }
}
