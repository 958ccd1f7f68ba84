package io.garut.gpu;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What looks along axes, of F32. */
final class ReductionLaunches {
  private static final int SCRATCH = 0; // the first line of each arena is nobody's
  private static final int PART = 1 << 12; // elements that are worth a group of their own
  private static final int LONG = 32; // elements in a row that are worth a group
  private static final int FAR = 512; // the same of elements that do not lie next to each other
  private static final int FEW = 1 << 13; // results of which so many groups are not yet as many items as a device has

  private ReductionLaunches() {}

  static boolean bind(Reduction op, Tensor[] inputs, Tensor y, Operands operands) {
    Tensor x = inputs[0];
    if (!Launches.areFloats(x) || x.elements() == 0) {
      return false;
    }
    return switch (op) {
      case Reduction.Reduce reduce -> reduce(reduce, x, y, operands);
      case Reduction.Softmax(var axis, var log) -> {
        int at = x.shape().axis(axis);
        int length = Math.toIntExact(x.shape().dim(at));
        operands.launchGroups(
            Code.SOFTMAX, x.elements() / length, 1, () -> new float[0], operands.read(x), operands.written(y), length,
            Math.toIntExact(x.shape().strides()[at]), log ? 1 : 0);
        yield true;
      }
      case Reduction.ArgMax(var axis, var smallest, _) -> {
        int at = x.shape().axis(axis);
        float[] sign = {smallest ? -1 : 1};
        operands.launchGroups(
            Code.ARG_MAX, y.elements(), 1, () -> sign, operands.read(x), operands.written(y),
            Math.toIntExact(x.shape().dim(at)), Math.toIntExact(x.shape().strides()[at]));
        yield true;
      }
      case Reduction.FirstNonFinite _ -> {
        int elements = Math.toIntExact(x.elements());
        int parts = parts(elements);
        operands.launchGroups(
            Code.NON_FINITE, parts, 1, () -> new float[0], operands.read(x), elements, Math.ceilDiv(elements, parts), SCRATCH);
        operands.launch(Code.FIRST, 1, SCRATCH, parts, operands.written(y));
        yield true;
      }
      case Reduction.SquareSums(var run) -> {
        int elements = Math.toIntExact(x.elements());
        operands.launchGroups(
            Code.SQUARE_SUMS, y.elements(), 1, () -> new float[0], operands.read(x), elements, (int) Math.min(run, elements),
            operands.written(y));
        yield true;
      }
      case Reduction.TopK _ -> false; // the host is quicker
    };
  }

  /** Groups to share {@code elements}: none without any. */
  private static int parts(int elements) {
    return Math.min(DeviceMemory.LINE, Math.ceilDiv(elements, PART));
  }

  private static boolean reduce(Reduction.Reduce op, Tensor x, Tensor y, Operands operands) {
    Shape shape = x.shape();
    List<Integer> gone = op.axes(shape);
    Strides kept = strides(shape, IntStream.range(0, shape.rank()).filter(axis -> !gone.contains(axis)).toArray());
    Strides folded = strides(shape, gone.stream().mapToInt(axis -> axis).toArray());
    if (!kept.fits() || !folded.fits()) {
      return false;
    }
    int results = Math.toIntExact(y.elements());
    int length = folded.elements();
    int fold = op.fold().ordinal();
    float[] divisor = {op.fold() == Fold.MEAN ? length : 1};
    int parts = results == 1 ? parts(length) : 1;
    int begin = operands.read(x);
    int end = operands.written(y);
    if (parts > 1) {
      fold(operands, Code.FOLD_GROUP, fold, new float[] {1}, begin, SCRATCH, results, parts, kept, folded);
      Strides line = new Strides(new long[] {parts}, new long[] {1});
      fold(operands, Code.FOLD_GROUP, fold, divisor, SCRATCH, end, 1, 1, kept, line);
    } else {
      boolean grouped = gone.contains(shape.rank() - 1) ? length >= LONG : length >= FAR && results <= FEW;
      fold(operands, grouped ? Code.FOLD_GROUP : Code.FOLD, fold, divisor, begin, end, results, 1, kept, folded);
    }
    return true;
  }

  private static Strides strides(Shape shape, int[] axes) {
    long[] own = shape.strides();
    return new Strides(
        IntStream.of(axes).mapToLong(shape::dim).toArray(), IntStream.of(axes).mapToLong(axis -> own[axis]).toArray());
  }

  private static void fold(
      Operands operands, Code code, int fold, float[] divisor, int from, int to, int results, int parts, Strides kept,
      Strides folded) {
    int length = folded.elements();
    int[] numbers = kept.numbers(from, to, results, length, fold, parts, Math.ceilDiv(length, parts));
    int[] all = folded.numbers(numbers);
    Supplier<float[]> factors = () -> divisor;
    if (code == Code.FOLD_GROUP) {
      operands.launchGroups(code, (long) results * parts, 1, factors, all);
    } else {
      operands.launchGrid(code, results, 1, factors, all);
    }
  }
}
