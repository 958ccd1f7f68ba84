package io.garut.tensor.reference;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operations that sum up an axis, or look along one. Sums are taken in double precision and rounded once. */
final class ReductionLoops {
  /** Elements looked at at a time; a multiple of every block size. */
  private static final int RUN = 4096;

  private ReductionLoops() {}

  static Kernel bind(Reduction op, Tensor[] inputs, Tensor[] outputs) {
    Cells in = Cells.of(op, inputs[0]);
    Cells out = Cells.of(op, outputs[0]);
    Shape shape = inputs[0].shape();
    return switch (op) {
      case Reduction.Reduce reduce -> reduce(reduce, in, out, shape);
      case Reduction.ArgMax(var axis, var smallest, _) -> argMax(in, out, shape, shape.axis(axis), smallest);
      case Reduction.TopK(var k) -> topK(in, out, Cells.of(op, outputs[1]), shape, k);
      case Reduction.Softmax(var axis, var log) -> softmax(in, out, shape, shape.axis(axis), log);
      case Reduction.SquareSums(var run) -> squareSums(in, out, run);
      case Reduction.FirstNonFinite _ -> firstNonFinite(in, out);
    };
  }

  private static Kernel reduce(Reduction.Reduce op, Cells in, Cells out, Shape shape) {
    List<Integer> gone = op.axes(shape);
    int[] kept = IntStream.range(0, shape.rank()).filter(axis -> !gone.contains(axis)).toArray();
    int[] folded = gone.stream().mapToInt(axis -> axis).toArray();
    Shape inner = pick(shape.toArray(), folded);
    return () -> {
      Walk outside = new Walk(pick(shape.toArray(), kept), select(shape.strides(), kept));
      Walk inside = new Walk(inner, select(shape.strides(), folded)); // at its start again after each round
      for (long i = 0; i < out.count; i++) {
        if (in.type.isFloat()) {
          out.put(i, fold(op.fold(), in, outside.at(0), inside, inner.elements()));
        } else {
          out.putWhole(i, foldWhole(op.fold(), in, outside.at(0), inside, inner.elements()));
        }
        outside.next();
      }
    };
  }

  private static long[] select(long[] values, int[] axes) {
    return Arrays.stream(axes).mapToLong(axis -> values[axis]).toArray();
  }

  private static Shape pick(long[] dims, int[] axes) {
    return Shape.of(select(dims, axes));
  }

  private static double fold(Fold fold, Cells in, long base, Walk walk, long count) {
    double all =
        switch (fold) {
          case SUM, MEAN -> 0;
          case PROD -> 1;
          case MAX -> Double.NEGATIVE_INFINITY;
          case MIN -> Double.POSITIVE_INFINITY;
          case ANY, ALL -> throw notBool(fold, in);
        };
    for (long j = 0; j < count; j++) {
      double x = in.number(base + walk.at(0));
      all =
          switch (fold) {
            case SUM, MEAN -> all + x;
            case PROD -> all * x;
            case MAX -> Math.max(all, x);
            case MIN -> Math.min(all, x);
            case ANY, ALL -> throw notBool(fold, in);
          };
      walk.next();
    }
    return fold == Fold.MEAN ? all / count : all;
  }

  private static IllegalArgumentException notBool(Fold fold, Cells in) {
    return new IllegalArgumentException(fold + " of " + in.type);
  }

  /** Of integers and BOOL. Overflow wraps. */
  private static long foldWhole(Fold fold, Cells in, long base, Walk walk, long count) {
    long all =
        switch (fold) {
          case SUM, ANY -> 0;
          case PROD, ALL -> 1;
          case MAX -> Long.MIN_VALUE;
          case MIN -> Long.MAX_VALUE;
          case MEAN -> throw new IllegalArgumentException("MEAN of " + in.type);
        };
    for (long j = 0; j < count; j++) {
      long x = in.whole(base + walk.at(0));
      all =
          switch (fold) {
            case SUM -> all + x;
            case PROD -> all * x;
            case MAX -> Math.max(all, x);
            case MIN -> Math.min(all, x);
            case ANY -> all | x;
            case ALL -> all & x;
            case MEAN -> throw new IllegalArgumentException("MEAN of " + in.type);
          };
      walk.next();
    }
    return all;
  }

  private static Kernel argMax(Cells in, Cells out, Shape shape, int axis, boolean smallest) {
    long length = shape.dim(axis);
    long inner = shape.product(axis + 1, shape.rank());
    return () -> {
      for (long i = 0; i < out.count; i++) {
        long base = i / inner * length * inner + i % inner;
        long best = 0;
        for (long j = 1; j < length; j++) {
          int order = compare(in, base + j * inner, base + best * inner, smallest);
          if (order > 0) {
            best = j;
          }
        }
        out.putWhole(i, best);
      }
    };
  }

  /** Positive if element i goes before element j: is larger (or smaller), or the only one that is not a number. */
  private static int compare(Cells in, long i, long j, boolean smallest) {
    if (in.type.isInteger()) {
      int order = Long.compare(in.whole(i), in.whole(j));
      return smallest ? -order : order;
    }
    double a = in.number(i) + 0.0; // -0 becomes 0, its equal
    double b = in.number(j) + 0.0;
    boolean usual = !smallest || Double.isNaN(a) || Double.isNaN(b);
    return usual ? Double.compare(a, b) : Double.compare(b, a); // Double.compare has NaN above all
  }

  private static Kernel topK(Cells in, Cells values, Cells indices, Shape shape, int k) {
    int length = Math.toIntExact(shape.last());
    long rows = shape.product(0, shape.rank() - 1);
    Best best = new Best(k);
    return () -> {
      for (long r = 0; r < rows; r++) {
        long base = r * length;
        best.select(length, (i, j) -> compare(in, base + i, base + j, false));
        for (int i = 0; i < k; i++) {
          values.copy(r * k + i, in, base + best.get(i));
          indices.putWhole(r * k + i, best.get(i));
        }
      }
    };
  }

  private static Kernel softmax(Cells in, Cells out, Shape shape, int axis, boolean log) {
    int length = Math.toIntExact(shape.dim(axis));
    long inner = shape.product(axis + 1, shape.rank());
    long lines = out.count / length;
    double[] line = new double[length];
    return () -> {
      for (long i = 0; i < lines; i++) {
        long base = i / inner * length * inner + i % inner;
        for (int j = 0; j < length; j++) {
          line[j] = in.number(base + j * inner);
        }
        softmax(line, length, log);
        for (int j = 0; j < length; j++) {
          out.put(base + j * inner, line[j]);
        }
      }
    };
  }

  /** Replaces the first {@code length} values by their softmax, or its logarithm. */
  static void softmax(double[] line, int length, boolean log) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < length; j++) {
      largest = Math.max(largest, line[j]);
    }
    double sum = 0;
    for (int j = 0; j < length; j++) {
      double power = StrictMath.exp(line[j] - largest);
      sum += power;
      line[j] = log ? line[j] - largest : power;
    }
    double logarithm = StrictMath.log(sum);
    for (int j = 0; j < length; j++) {
      line[j] = log ? line[j] - logarithm : line[j] / sum;
    }
  }

  private static Kernel squareSums(Cells in, Cells out, long run) {
    return () -> {
      for (long i = 0; i < out.count; i++) {
        double sum = 0;
        for (long j = i * run; j < Math.min((i + 1) * run, in.count); j++) {
          sum += in.number(j) * in.number(j);
        }
        out.put(i, sum);
      }
    };
  }

  private static Kernel firstNonFinite(Cells in, Cells out) {
    double[] run = new double[(int) Math.min(RUN, in.count)];
    return () -> out.putWhole(0, firstNonFinite(in, run));
  }

  private static long firstNonFinite(Cells in, double[] run) {
    for (long from = 0; from < in.count; from += RUN) {
      int length = (int) Math.min(RUN, in.count - from);
      in.read(from, run, length);
      for (int i = 0; i < length; i++) {
        if (!Double.isFinite(run[i])) {
          return from + i;
        }
      }
    }
    return -1;
  }
}
