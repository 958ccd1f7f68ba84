package io.garut.tensor.reference;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;

/** Operations that move elements and change none. */
final class MovementLoops {
  private MovementLoops() {}

  static Kernel bind(Movement op, Tensor[] inputs, Tensor[] outputs) {
    Cells in = Cells.of(op, inputs[0]);
    Cells out = Cells.of(op, outputs[0]);
    Shape from = inputs[0].shape();
    Shape to = outputs[0].shape();
    return switch (op) {
      case Movement.Reshape _ -> () -> out.copy(0, in, 0, in.count);
      case Movement.Permute(var axes) -> {
        long[] own = from.strides();
        yield strided(in, out, to, axes.stream().mapToLong(axis -> own[from.axis(axis)]).toArray());
      }
      case Movement.BroadcastTo _ -> strided(in, out, to, Walk.stretched(from, to));
      case Movement.Slice slice -> slice(slice, in, out, from);
      case Movement.Named _ -> () -> out.copy(0, in, 0, in.count);
      case Movement.Split(var axis, _) -> split(op, in, outputs, from, from.axis(axis));
      case Movement.Concat(var axis) -> concat(op, inputs, out, to, to.axis(axis));
    };
  }

  private static Kernel strided(Cells in, Cells out, Shape shape, long[] strides) {
    return () -> {
      Walk walk = new Walk(shape, strides);
      for (long i = 0; i < out.count; i++) {
        out.copy(i, in, walk.at(0));
        walk.next();
      }
    };
  }

  private static Kernel slice(Movement.Slice slice, Cells in, Cells out, Shape shape) {
    int axis = shape.axis(slice.axis());
    long outer = shape.product(0, axis);
    long inner = shape.product(axis + 1, shape.rank());
    long row = shape.dim(axis) * inner;
    boolean together = slice.step() == 1;
    long pieces = together ? 1 : slice.length();
    long piece = together ? slice.length() * inner : inner;
    return () -> {
      for (long o = 0; o < outer; o++) {
        for (long p = 0; p < pieces; p++) {
          long from = o * row + (slice.start() + p * slice.step()) * inner;
          out.copy((o * pieces + p) * piece, in, from, piece);
        }
      }
    };
  }

  private static Kernel split(Op op, Cells in, Tensor[] outputs, Shape shape, int axis) {
    long outer = shape.product(0, axis);
    long piece = shape.product(axis, shape.rank()) / outputs.length;
    Cells[] parts = new Cells[outputs.length];
    Arrays.setAll(parts, k -> Cells.of(op, outputs[k]));
    return () -> {
      for (long o = 0; o < outer; o++) {
        for (int k = 0; k < parts.length; k++) {
          parts[k].copy(o * piece, in, (o * parts.length + k) * piece, piece);
        }
      }
    };
  }

  private static Kernel concat(Op op, Tensor[] inputs, Cells out, Shape shape, int axis) {
    long outer = shape.product(0, axis);
    long row = shape.product(axis, shape.rank());
    Cells[] parts = new Cells[inputs.length];
    long[] pieces = new long[inputs.length];
    for (int k = 0; k < inputs.length; k++) {
      parts[k] = Cells.of(op, inputs[k]);
      pieces[k] = inputs[k].shape().product(axis, shape.rank());
    }
    return () -> {
      for (long o = 0; o < outer; o++) {
        long to = o * row;
        for (int k = 0; k < parts.length; k++) {
          out.copy(to, parts[k], o * pieces[k], pieces[k]);
          to += pieces[k];
        }
      }
    };
  }
}
