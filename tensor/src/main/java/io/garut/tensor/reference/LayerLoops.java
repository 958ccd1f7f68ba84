package io.garut.tensor.reference;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;

/** The coarse operations of a transformer, in double precision, rounded once. */
final class LayerLoops {
  private LayerLoops() {}

  static Kernel bind(Layer op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Layer.LayerNorm(var epsilon) -> layerNorm(op, epsilon, inputs, outputs[0]);
      case Layer.Rotary _ -> rotary(op, inputs, outputs[0]);
      case Layer.Attention(var scale) -> attention(op, scale, inputs, outputs[0]);
      case Layer.AppendCache _ -> appendCache(op, inputs);
      case Layer.CachedAttention(var scale) -> cachedAttention(op, scale, inputs, outputs[0]);
      case Layer.CrossEntropy _ -> crossEntropy(op, inputs, outputs[0]);
    };
  }

  private static Kernel layerNorm(Op op, double epsilon, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells weight = Cells.of(op, inputs[1]);
    Cells bias = Cells.of(op, inputs[2]);
    Cells out = Cells.of(op, output);
    int width = Math.toIntExact(inputs[0].shape().last());
    double[] row = new double[width];
    return () -> {
      for (long base = 0; base < in.count; base += width) {
        in.read(base, row, width);
        double sum = 0;
        for (double x : row) {
          sum += x;
        }
        double mean = sum / width;
        double squares = 0;
        for (double x : row) {
          squares += (x - mean) * (x - mean);
        }
        double scale = 1 / Math.sqrt(squares / width + epsilon);
        for (int i = 0; i < width; i++) {
          out.put(base + i, (row[i] - mean) * scale * weight.number(i) + bias.number(i));
        }
      }
    };
  }

  private static Kernel rotary(Op op, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells positions = Cells.of(op, inputs[1]);
    Cells cosines = Cells.of(op, inputs[2]);
    Cells sines = Cells.of(op, inputs[3]);
    Cells out = Cells.of(op, output);
    long heads = inputs[0].shape().dim(1);
    long size = inputs[0].shape().dim(2);
    long limit = inputs[2].shape().dim(0);
    long half = inputs[2].shape().dim(1);
    return () -> {
      for (long t = 0; t < positions.count; t++) {
        long angles = IndexingLoops.checked(op, "position", positions.whole(t), limit) * half;
        for (long base = t * heads * size; base < (t + 1) * heads * size; base += size) {
          for (long i = 0; i < half; i++) {
            double first = in.number(base + i);
            double second = in.number(base + half + i);
            double cosine = cosines.number(angles + i);
            double sine = sines.number(angles + i);
            out.put(base + i, first * cosine - second * sine);
            out.put(base + half + i, second * cosine + first * sine);
          }
          out.copy(base + 2 * half, in, base + 2 * half, size - 2 * half);
        }
      }
    };
  }

  private static Kernel attention(Op op, double scale, Tensor[] inputs, Tensor output) {
    Cells starts = Cells.of(op, inputs[3]);
    long tokens = inputs[0].shape().dim(0);
    long groups = inputs[1].shape().dim(1);
    int size = Math.toIntExact(inputs[0].shape().dim(2));
    Head head = new Head(op, scale, inputs, output, Math.toIntExact(tokens));
    return () -> {
      for (long t = 0; t < tokens; t++) {
        long start = IndexingLoops.checked(op, "start of token " + t, starts.whole(t), t + 1);
        int seen = Math.toIntExact(t + 1 - start);
        for (long g = 0; g < groups; g++) {
          head.attend(t, g, (start * groups + g) * size, groups * size, seen);
        }
      }
    };
  }

  private static Kernel cachedAttention(Op op, double scale, Tensor[] inputs, Tensor output) {
    Cells slots = Cells.of(op, inputs[3]);
    Cells positions = Cells.of(op, inputs[4]);
    Shape cache = inputs[1].shape();
    long groups = cache.dim(1);
    long capacity = cache.dim(2);
    int size = Math.toIntExact(cache.dim(3));
    Head head = new Head(op, scale, inputs, output, Math.toIntExact(capacity));
    return () -> {
      for (long t = 0; t < slots.count; t++) {
        long slot = IndexingLoops.checked(op, "slot", slots.whole(t), cache.dim(0));
        int seen = (int) IndexingLoops.checked(op, "position", positions.whole(t), capacity) + 1;
        for (long g = 0; g < groups; g++) {
          head.attend(t, g, (slot * groups + g) * capacity * size, size, seen);
        }
      }
    };
  }

  /** Query heads against rows of keys and values. */
  private static final class Head {
    private final double scale;
    private final Cells queries;
    private final Cells keys;
    private final Cells values;
    private final Cells out;
    private final long heads;
    private final long perGroup;
    private final int size;
    private final double[] query;
    private final double[] row;
    private final double[] sums;
    private final double[] scores;

    /** Of inputs query [T, H, D], keys, values. */
    Head(Op op, double scale, Tensor[] inputs, Tensor output, int mostSeen) {
      this.scale = scale;
      this.queries = Cells.of(op, inputs[0]);
      this.keys = Cells.of(op, inputs[1]);
      this.values = Cells.of(op, inputs[2]);
      this.out = Cells.of(op, output);
      this.heads = inputs[0].shape().dim(1);
      this.perGroup = heads / inputs[1].shape().dim(1);
      this.size = Math.toIntExact(inputs[0].shape().dim(2));
      this.query = new double[size];
      this.row = new double[size];
      this.sums = new double[size];
      this.scores = new double[mostSeen];
    }

    /**
     * Token {@code t}'s heads of {@code group} see {@code seen} rows from element {@code first} on, {@code step} apart.
     */
    void attend(long t, long group, long first, long step, int seen) {
      for (long h = group * perGroup; h < (group + 1) * perGroup; h++) {
        long base = (t * heads + h) * size;
        queries.read(base, query, size);
        for (int s = 0; s < seen; s++) {
          keys.read(first + s * step, row, size);
          double dot = 0;
          for (int i = 0; i < size; i++) {
            dot += query[i] * row[i];
          }
          scores[s] = dot * scale;
        }
        ReductionLoops.softmax(scores, seen, false);
        Arrays.fill(sums, 0);
        for (int s = 0; s < seen; s++) {
          values.read(first + s * step, row, size);
          for (int i = 0; i < size; i++) {
            sums[i] += scores[s] * row[i];
          }
        }
        for (int i = 0; i < size; i++) {
          out.put(base + i, sums[i]);
        }
      }
    }
  }

  private static Kernel appendCache(Op op, Tensor[] inputs) {
    Cells cache = Cells.of(op, inputs[0]);
    Cells rows = Cells.of(op, inputs[1]);
    Cells slots = Cells.of(op, inputs[2]);
    Cells positions = Cells.of(op, inputs[3]);
    Shape shape = inputs[0].shape();
    long groups = shape.dim(1);
    long capacity = shape.dim(2);
    long size = shape.dim(3);
    return () -> {
      for (long t = 0; t < slots.count; t++) { // all of them first, so that an error leaves the cache as it was
        IndexingLoops.checked(op, "slot", slots.whole(t), shape.dim(0));
        IndexingLoops.checked(op, "position", positions.whole(t), capacity);
      }
      for (long t = 0; t < slots.count; t++) {
        for (long g = 0; g < groups; g++) {
          long to = ((slots.whole(t) * groups + g) * capacity + positions.whole(t)) * size;
          for (long i = 0; i < size; i++) {
            cache.put(to + i, rows.number((t * groups + g) * size + i));
          }
        }
      }
    };
  }

  private static Kernel crossEntropy(Op op, Tensor[] inputs, Tensor output) {
    Cells logits = Cells.of(op, inputs[0]);
    Cells labels = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    int classes = Math.toIntExact(inputs[0].shape().dim(1));
    double[] line = new double[classes];
    return () -> {
      for (long t = 0; t < labels.count; t++) {
        long label = labels.whole(t);
        if (label == Layer.CrossEntropy.IGNORE) {
          out.put(t, 0.0);
        } else {
          int at = (int) IndexingLoops.checked(op, "label of token " + t, label, classes);
          logits.read(t * classes, line, classes);
          ReductionLoops.softmax(line, classes, true);
          out.put(t, 0.0 - line[at]); // not -line[at]: a loss of nothing is 0, not -0
        }
      }
    };
  }
}
