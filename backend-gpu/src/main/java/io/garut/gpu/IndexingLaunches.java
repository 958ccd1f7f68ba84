package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import java.util.stream.IntStream;

/** What addresses elements by indices. */
final class IndexingLaunches {
  private IndexingLaunches() {}

  static boolean bind(Indexing op, Tensor[] inputs, Tensor y, Operands operands) {
    Tensor x = inputs[0];
    if (!MovementLaunches.isOfWords(x) || x.elements() == 0 || inputs[1].elements() == 0) {
      return false;
    }
    return switch (op) {
      case Indexing.IndexSelect(var axis) -> {
        select(op, x.shape().axis(axis), inputs, y, operands);
        yield true;
      }
      case Indexing.Gather(var axis) -> isSingle(x) && gather(op, x.shape().axis(axis), inputs, y, operands);
      case Indexing.Scatter(var axis, var add) ->
          Launches.areFloats(x, inputs[2]) && scatter(op, x.shape().axis(axis), add, inputs, y, operands);
      case Indexing.SegmentSum(var axis, _) -> {
        boolean floats = Launches.areFloats(x);
        if (floats) {
          segmentSum(op, x.shape().axis(axis), inputs, y, operands);
        }
        yield floats;
      }
      case Indexing.Embedding _ -> false;
    };
  }

  private static boolean isSingle(Tensor x) {
    return x.dtype() == DType.F32 || x.dtype() == DType.I32;
  }

  private static int words(Tensor index) {
    return index.dtype() == DType.I64 ? 2 : 1;
  }

  /** Where {@code index} begins; from now on it is checked at every run. */
  private static int checked(Indexing op, String what, Tensor index, long length, Operands operands) {
    Indices indices = new Indices(op, index);
    operands.check(() -> indices.check(what, length));
    return operands.read(index);
  }

  private static String along(int axis, Tensor x) {
    return "index along axis " + axis + " of " + x;
  }

  private static void select(Indexing op, int axis, Tensor[] inputs, Tensor y, Operands operands) {
    Tensor x = inputs[0];
    long length = x.shape().dim(axis);
    int each = x.dtype().blockBytes() / Integer.BYTES;
    int elements = Math.toIntExact(y.elements() * each);
    int indices = checked(op, along(axis, x), inputs[1], length, operands);
    operands.launch(
        x.dtype() == DType.F32 ? Code.SELECT_FLOATS : Code.SELECT_WORDS, elements, operands.read(x), indices,
        operands.written(y), elements, Math.toIntExact(x.shape().strides()[axis] * each),
        Math.toIntExact(inputs[1].elements()), Math.toIntExact(length), words(inputs[1]));
  }

  private static boolean gather(Indexing op, int axis, Tensor[] inputs, Tensor y, Operands operands) {
    Tensor x = inputs[0];
    long[] strides = x.shape().strides();
    int step = Math.toIntExact(strides[axis]);
    strides[axis] = 0;
    Strides walk = new Strides(y.shape().toArray(), strides);
    if (!walk.fits()) {
      return false;
    }
    int elements = Math.toIntExact(y.elements());
    int indices = checked(op, along(axis, x), inputs[1], x.shape().dim(axis), operands);
    operands.launch(
        x.dtype() == DType.F32 ? Code.GATHER_FLOATS : Code.GATHER_WORDS, elements,
        walk.numbers(operands.read(x), indices, operands.written(y), elements, step, words(inputs[1])));
    return true;
  }

  private static boolean scatter(Indexing op, int axis, boolean add, Tensor[] inputs, Tensor y, Operands operands) {
    Shape shape = inputs[1].shape();
    int[] others = IntStream.range(0, shape.rank()).filter(each -> each != axis).toArray();
    long[] from = shape.strides();
    long[] to = y.shape().strides();
    Strides lines = new Strides(pick(shape.toArray(), others), pick(from, others), pick(to, others));
    if (!lines.fits()) {
      return false;
    }
    int indices = checked(op, along(axis, inputs[0]), inputs[1], y.shape().dim(axis), operands);
    int source = operands.read(inputs[2]);
    int begin = operands.written(y);
    MovementLaunches.copy(operands, inputs[0], operands.read(inputs[0]), begin);
    operands.launch(
        Code.SCATTER_FLOATS, lines.elements(),
        lines.numbers(
            indices, source, begin, lines.elements(), Math.toIntExact(shape.dim(axis)), Math.toIntExact(from[axis]),
            Math.toIntExact(to[axis]), words(inputs[1]), add ? 1 : 0));
    return true;
  }

  private static long[] pick(long[] values, int[] axes) {
    return IntStream.of(axes).mapToLong(axis -> values[axis]).toArray();
  }

  private static void segmentSum(Indexing op, int axis, Tensor[] inputs, Tensor y, Operands operands) {
    Tensor x = inputs[0];
    int length = Math.toIntExact(y.shape().dim(axis));
    int elements = Math.toIntExact(x.elements());
    int indices = checked(op, "index", inputs[1], length, operands);
    int begin = operands.written(y);
    CreationLaunches.fill(operands, begin, Math.toIntExact(y.elements()), 0);
    operands.launch(
        Code.SEGMENT_SUM, elements, operands.read(x), indices, begin, elements,
        Math.toIntExact(x.shape().strides()[axis]), Math.toIntExact(inputs[1].elements()), length, words(inputs[1]));
  }
}
