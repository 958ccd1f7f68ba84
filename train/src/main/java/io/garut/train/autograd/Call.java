package io.garut.train.autograd;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One operation that a tape has computed, as a rule sees it: which gradients are wanted, and what may be kept. */
final class Call {
  private final Op op;
  private final Tensor[] inputs;
  private final Tensor[] results;
  private final Slot[] wanted;
  private final Saved saved;

  Call(Op op, Tensor[] inputs, Tensor[] results, Slot[] wanted, Saved saved) {
    this.op = op;
    this.inputs = inputs;
    this.results = results;
    this.wanted = wanted;
    this.saved = saved;
  }

  /** Whether the gradient with respect to input {@code i} is wanted. */
  boolean wants(int i) {
    return wanted[i] != null;
  }

  /** How many inputs there are. */
  int inputs() {
    return inputs.length;
  }

  /** The shape of input {@code i}. */
  Shape shape(int i) {
    return inputs[i].shape();
  }

  /** The type of input {@code i}. */
  DType dtype(int i) {
    return inputs[i].dtype();
  }

  /** The shape of result {@code i}. */
  Shape resultShape(int i) {
    return results[i].shape();
  }

  /** Keeps input {@code i} for the way back. */
  Supplier<Tensor> keep(int i) {
    return saved.keep(inputs[i]);
  }

  /** Keeps input {@code i} for the way back if the gradient with respect to input {@code other} is wanted. */
  Supplier<Tensor> keepFor(int other, int i) {
    return wants(other) ? saved.keep(inputs[i]) : null;
  }

  /** Keeps result {@code i} for the way back. */
  Supplier<Tensor> keepResult(int i) {
    return saved.keep(results[i]);
  }

  /** The way back through an operation of one result: how each wanted input's gradient follows from the result's. */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  final Pullback back(UnaryOperator<Tensor>... gradients) {
    UnaryOperator<Tensor>[] wantedOnly = Arrays.copyOf(gradients, inputs.length);
    for (int i = 0; i < wantedOnly.length; i++) {
      wantedOnly[i] = wants(i) ? wantedOnly[i] : null;
    }
    return dy -> {
      Tensor[] dx = new Tensor[wantedOnly.length];
      for (int i = 0; i < dx.length; i++) {
        dx[i] = wantedOnly[i] == null ? null : wantedOnly[i].apply(dy[0]);
      }
      return dx;
    };
  }

  /** The error for an operation through which no gradient flows. */
  UnsupportedOperationException refused(String why) {
    return new UnsupportedOperationException(op.name() + " has no gradient: " + why);
  }
}
