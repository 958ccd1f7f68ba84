package io.garut.gpu;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Movement;
import java.util.Arrays;

/** What moves elements and changes none, of types that consist of whole words. */
final class MovementLaunches {
  private MovementLaunches() {}

  static boolean bind(Movement op, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    if (!isOfWords(inputs)) {
      return false;
    }
    Shape from = inputs[0].shape();
    Shape to = outputs[0].shape();
    return switch (op) {
      case Movement.Reshape _, Movement.Named _ -> {
        copy(operands, inputs[0], operands.read(inputs[0]), operands.written(outputs[0]));
        yield true;
      }
      case Movement.Permute(var axes) -> {
        long[] own = from.strides();
        long[] strides = axes.stream().mapToLong(axis -> own[from.axis(axis)]).toArray();
        yield move(operands, to, inputs[0], strides, 0, outputs[0], to.strides(), 0);
      }
      case Movement.BroadcastTo _ ->
          move(operands, to, inputs[0], Strides.stretched(from, to), 0, outputs[0], to.strides(), 0);
      case Movement.Slice slice -> {
        long[] strides = from.strides();
        int axis = from.axis(slice.axis());
        long begin = slice.start() * strides[axis];
        strides[axis] *= slice.step();
        yield move(operands, to, inputs[0], strides, begin, outputs[0], to.strides(), 0);
      }
      case Movement.Split(var axis, _) -> {
        boolean all = true;
        long step = to.dim(axis) * from.strides()[from.axis(axis)];
        for (int i = 0; i < outputs.length && all; i++) {
          all = move(operands, to, inputs[0], from.strides(), i * step, outputs[i], to.strides(), 0);
        }
        yield all;
      }
      case Movement.Concat(var axis) -> {
        boolean all = true;
        long begin = 0;
        for (int i = 0; i < inputs.length && all; i++) {
          Shape part = inputs[i].shape();
          if (part.elements() > 0) {
            all = move(operands, part, inputs[i], part.strides(), 0, outputs[0], to.strides(), begin);
          }
          begin += part.dim(axis) * to.strides()[to.axis(axis)];
        }
        yield all;
      }
    };
  }

  /** Whether the elements are F32 or consist of whole words, in storage that a kernel can reach. */
  static boolean isOfWords(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      boolean words = tensor.dtype() == tensors[0].dtype() && wordsEach(tensor.dtype()) > 0;
      if (!words || !tensor.storage().isPlain()) {
        return false;
      }
    }
    return true;
  }

  /** Words of an element; 0 if it is not made of whole ones. */
  private static int wordsEach(DType type) {
    return switch (type) {
      case F32, I32 -> 1;
      case F64, I64 -> 2;
      case F16, BF16, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> 0;
    };
  }

  /** Copies elements of a shape, where strides and the first element are counted in elements; false if it has too many axes. */
  private static boolean move(
      Operands operands, Shape shape, Tensor from, long[] fromStrides, long fromBegin, Tensor to, long[] toStrides,
      long toBegin) {
    int words = wordsEach(from.dtype());
    long[] dims = words(shape.toArray(), 1, words);
    Strides strides = new Strides(dims, words(fromStrides, words, 1), words(toStrides, words, 1));
    if (!strides.fits()) {
      return false;
    }
    int begin = operands.read(from) + Math.toIntExact(fromBegin * words);
    copy(operands, from.dtype(), strides, begin, operands.written(to) + Math.toIntExact(toBegin * words));
    return true;
  }

  /** With each value times {@code factor}, and {@code last} after them. */
  private static long[] words(long[] values, int factor, int last) {
    long[] all = Arrays.copyOf(values, values.length + 1);
    for (int i = 0; i < values.length; i++) {
      all[i] *= factor;
    }
    all[values.length] = last;
    return all;
  }

  /** Copies over the walk {@code strides} of words, from and to where these begin. */
  private static void copy(Operands operands, DType type, Strides strides, int from, int to) {
    Code code = type == DType.F32 ? Code.COPY_FLOATS : Code.COPY_WORDS;
    operands.launch(code, strides.elements(), strides.numbers(from, to, strides.elements()));
  }

  /** Copies all elements; the types are the same and {@link #isOfWords}. */
  static void copy(Operands operands, Tensor from, int begin, int to) {
    int elements = Math.toIntExact(from.elements() * wordsEach(from.dtype()));
    long[] one = {1};
    copy(operands, from.dtype(), new Strides(new long[] {elements}, one, one), begin, to);
  }
}
