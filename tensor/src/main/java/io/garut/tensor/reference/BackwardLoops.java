package io.garut.tensor.reference;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** What flows back through the coarse operations, in double precision, rounded once. */
final class BackwardLoops {
  private BackwardLoops() {}

  static Kernel bind(Backward op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Backward.Activate(var activation) -> activate(op, Functions.derivative(activation), inputs, outputs[0]);
      case Backward.LayerNorm(var epsilon) -> layerNorm(op, epsilon, inputs, outputs);
      case Backward.Attention(var scale) -> new AttentionBackwardLoop(op, scale, inputs, outputs);
      case Backward.CrossEntropy _ -> crossEntropy(op, inputs, outputs[0]);
    };
  }

  private static Kernel activate(Op op, DoubleUnaryOperator derivative, Tensor[] inputs, Tensor output) {
    Cells x = Cells.of(op, inputs[0]);
    Cells dy = Cells.of(op, inputs[1]);
    Cells dx = Cells.of(op, output);
    return () -> {
      for (long i = 0; i < x.count; i++) {
        dx.put(i, dy.number(i) * derivative.applyAsDouble(x.number(i)));
      }
    };
  }

  private static Kernel layerNorm(Op op, double epsilon, Tensor[] inputs, Tensor[] outputs) {
    Cells x = Cells.of(op, inputs[0]);
    Cells weight = Cells.of(op, inputs[1]);
    Cells dy = Cells.of(op, inputs[2]);
    Cells dx = Cells.of(op, outputs[0]);
    Cells dweight = Cells.of(op, outputs[1]);
    Cells dbias = Cells.of(op, outputs[2]);
    int width = Math.toIntExact(inputs[0].shape().last());
    double[] normed = new double[width];
    double[] slope = new double[width];
    double[] weightSums = new double[width];
    double[] biasSums = new double[width];
    return () -> {
      Arrays.fill(weightSums, 0);
      Arrays.fill(biasSums, 0);
      for (long base = 0; base < x.count; base += width) {
        x.read(base, normed, width);
        double mean = Arrays.stream(normed).sum() / width;
        double squares = 0;
        for (double value : normed) {
          squares += (value - mean) * (value - mean);
        }
        double scale = 1 / Math.sqrt(squares / width + epsilon);
        double slopes = 0;
        double products = 0;
        for (int i = 0; i < width; i++) {
          double gradient = dy.number(base + i);
          normed[i] = (normed[i] - mean) * scale;
          slope[i] = gradient * weight.number(i);
          slopes += slope[i];
          products += slope[i] * normed[i];
          weightSums[i] += gradient * normed[i];
          biasSums[i] += gradient;
        }
        for (int i = 0; i < width; i++) {
          dx.put(base + i, scale * (slope[i] - slopes / width - normed[i] * products / width));
        }
      }
      for (int i = 0; i < width; i++) {
        dweight.put(i, weightSums[i]);
        dbias.put(i, biasSums[i]);
      }
    };
  }

  private static Kernel crossEntropy(Op op, Tensor[] inputs, Tensor output) {
    Cells logits = Cells.of(op, inputs[0]);
    Cells labels = Cells.of(op, inputs[1]);
    Cells dy = Cells.of(op, inputs[2]);
    Cells dlogits = Cells.of(op, output);
    int classes = Math.toIntExact(inputs[0].shape().dim(1));
    double[] line = new double[classes];
    return () -> {
      for (long t = 0; t < labels.count; t++) {
        long label = labels.whole(t);
        if (label == Layer.CrossEntropy.IGNORE) {
          Arrays.fill(line, 0);
        } else {
          int at = (int) IndexingLoops.checked(op, "label of token " + t, label, classes);
          logits.read(t * classes, line, classes);
          ReductionLoops.softmax(line, classes, false);
          line[at] -= 1;
          double factor = dy.number(t);
          for (int i = 0; i < classes; i++) {
            line[i] *= factor;
          }
        }
        for (int i = 0; i < classes; i++) {
          dlogits.put(t * classes + i, line[i]);
        }
      }
    };
  }
}
