package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Relation;
import java.util.List;
import java.util.stream.Stream;

/** What is computed element by element. */
final class PointwiseLaunches {
  /** As kernels number them; not SIN and COS, inexact on devices where arguments are large. */
  private static final List<Function> KERNEL_FUNCTIONS =
      Stream.of(Function.values()).filter(each -> each != Function.SIN && each != Function.COS).toList();

  /** The same for I32; not DIV, which is an error where it divides by 0. */
  private static final List<Function2> WHOLE_FUNCTIONS =
      List.of(Function2.ADD, Function2.SUB, Function2.MUL, Function2.MAX, Function2.MIN);

  private PointwiseLaunches() {}

  static boolean bind(Pointwise op, Tensor[] inputs, Tensor y, Operands operands) {
    return switch (op) {
      case Pointwise.Unary(var function) -> {
        int which = KERNEL_FUNCTIONS.indexOf(function);
        yield which >= 0 && map(Code.UNARY, which, inputs[0], y, operands);
      }
      case Pointwise.Activate(var activation) -> map(Code.ACTIVATE, activation.ordinal(), inputs[0], y, operands);
      case Pointwise.Binary(var function) -> binary(function, inputs, y, operands);
      case Pointwise.Compare(var relation) -> compare(answers(relation), inputs, y, operands);
      case Pointwise.Where _ -> where(inputs, y, operands);
      case Pointwise.Cast _ -> cast(inputs[0], y, operands);
      case Pointwise.Is _, Pointwise.Combine _ -> false;
    };
  }

  private static boolean map(Code code, int which, Tensor x, Tensor y, Operands operands) {
    if (!Launches.areFloats(x)) {
      return false;
    }
    int elements = Math.toIntExact(y.elements());
    operands.launch(code, elements, operands.read(x), operands.written(y), elements, which);
    return true;
  }

  private static boolean binary(Function2 function, Tensor[] inputs, Tensor y, Operands operands) {
    boolean words = y.dtype() == DType.I32;
    int which = words ? WHOLE_FUNCTIONS.indexOf(function) : function.ordinal();
    if (which < 0 || !words && y.dtype() != DType.F32 || !MovementLaunches.isOfWords(inputs)) {
      return false;
    }
    Strides strides = broadcast(y.shape(), inputs);
    int elements = Math.toIntExact(y.elements());
    if (strides.fits()) {
      operands.launch(
          words ? Code.BINARY_WORDS : Code.BINARY, elements,
          strides.numbers(operands.read(inputs[0]), operands.read(inputs[1]), operands.written(y), elements, which));
    }
    return strides.fits();
  }

  /** A bit each for less, equal, more, and where one is not a number. */
  private static int answers(Relation relation) {
    return switch (relation) {
      case EQ -> 0b0010;
      case NE -> 0b1101;
      case LT -> 0b0001;
      case LE -> 0b0011;
      case GT -> 0b0100;
      case GE -> 0b0110;
    };
  }

  private static boolean compare(int answers, Tensor[] inputs, Tensor y, Operands operands) {
    boolean words = inputs[0].dtype() == DType.I32;
    if (!words && inputs[0].dtype() != DType.F32 || !MovementLaunches.isOfWords(inputs)) {
      return false;
    }
    Strides strides = broadcast(y.shape(), inputs);
    int elements = Math.toIntExact(y.elements());
    if (strides.fits()) {
      operands.launch(
          words ? Code.COMPARE_WORDS : Code.COMPARE_FLOATS, Math.ceilDiv(elements, Integer.BYTES),
          strides.numbers(operands.read(inputs[0]), operands.read(inputs[1]), operands.written(y), elements, answers));
    }
    return strides.fits();
  }

  private static boolean where(Tensor[] inputs, Tensor y, Operands operands) {
    boolean words = y.dtype() == DType.I32;
    boolean takes = (words || y.dtype() == DType.F32) && MovementLaunches.isOfWords(inputs[1], inputs[2]);
    if (!takes || !inputs[0].storage().isPlain()) {
      return false;
    }
    Strides strides = broadcast(y.shape(), inputs);
    int elements = Math.toIntExact(y.elements());
    if (strides.fits()) {
      operands.launch(
          words ? Code.WHERE_WORDS : Code.WHERE_FLOATS, elements,
          strides.numbers(
              operands.read(inputs[0]), operands.read(inputs[1]), operands.read(inputs[2]), operands.written(y), elements,
              (int) (inputs[0].byteOffset() % Integer.BYTES)));
    }
    return strides.fits();
  }

  private static boolean cast(Tensor x, Tensor y, Operands operands) {
    Code code =
        x.dtype() == DType.F32 && y.dtype() == DType.I32 ? Code.FLOAT_TO_WHOLE
            : y.dtype() != DType.F32 ? null
            : x.dtype() == DType.I32 ? Code.WHOLE_TO_FLOAT
            : x.dtype() == DType.BF16 ? Code.BRAIN_TO_FLOAT
            : x.dtype() == DType.F16 ? Code.HALF_TO_FLOAT
            : null;
    if (code == null || !x.storage().isPlain()) {
      return false;
    }
    int elements = Math.toIntExact(y.elements());
    int before = (int) (x.byteOffset() % Integer.BYTES) / Short.BYTES;
    operands.launch(code, elements, operands.read(x), operands.written(y), elements, before);
    return true;
  }

  private static Strides broadcast(Shape shape, Tensor... inputs) {
    long[][] strides = new long[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      strides[i] = Strides.stretched(inputs[i].shape(), shape);
    }
    return new Strides(shape.toArray(), strides);
  }
}
