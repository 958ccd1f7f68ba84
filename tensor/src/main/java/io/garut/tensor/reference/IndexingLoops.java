package io.garut.tensor.reference;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;

/** Operations that address elements by indices in a tensor. */
final class IndexingLoops {
  private IndexingLoops() {}

  static Kernel bind(Indexing op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Indexing.Gather(var axis) -> gather(op, axis, inputs, outputs[0]);
      case Indexing.Scatter(var axis, var add) -> scatter(op, axis, add, inputs, outputs[0]);
      case Indexing.IndexSelect(var axis) -> indexSelect(op, axis, inputs, outputs[0]);
      case Indexing.SegmentSum(var axis, _) -> segmentSum(op, axis, inputs, outputs[0]);
      case Indexing.Embedding _ -> embedding(op, inputs, outputs[0]);
    };
  }

  /**
   * {@code index}, if it lies within a length.
   *
   * @throws IndexOutOfBoundsException saying which operation, what and how long
   */
  static long checked(Op op, String what, long index, long length) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(op.name() + ": " + what + " " + index + " is not from 0 to " + (length - 1));
    }
    return index;
  }

  private static Kernel gather(Op op, int along, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells index = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    int axis = inputs[0].shape().axis(along);
    long length = inputs[0].shape().dim(axis);
    long[] strides = inputs[0].shape().strides();
    long step = strides[axis];
    strides[axis] = 0;
    String what = "index along axis " + axis + " of " + inputs[0];
    return () -> {
      Walk walk = new Walk(output.shape(), strides);
      for (long i = 0; i < out.count; i++) {
        out.copy(i, in, walk.at(0) + checked(op, what, index.whole(i), length) * step);
        walk.next();
      }
    };
  }

  private static Kernel scatter(Op op, int along, boolean add, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells index = Cells.of(op, inputs[1]);
    Cells source = Cells.of(op, inputs[2]);
    Cells out = Cells.of(op, output);
    int axis = output.shape().axis(along);
    long length = output.shape().dim(axis);
    long[] strides = output.shape().strides();
    long step = strides[axis];
    strides[axis] = 0;
    String what = "index along axis " + axis + " of " + inputs[0];
    return () -> {
      out.copy(0, in, 0, in.count);
      Walk walk = new Walk(inputs[1].shape(), strides);
      for (long i = 0; i < index.count; i++) {
        long to = walk.at(0) + checked(op, what, index.whole(i), length) * step;
        if (!add) {
          out.copy(to, source, i);
        } else if (out.type.isFloat()) {
          out.put(to, out.number(to) + source.number(i));
        } else {
          out.putWhole(to, out.whole(to) + source.whole(i));
        }
        walk.next();
      }
    };
  }

  private static Kernel indexSelect(Op op, int along, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells index = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    Shape shape = inputs[0].shape();
    int axis = shape.axis(along);
    long length = shape.dim(axis);
    long outer = shape.product(0, axis);
    long inner = shape.product(axis + 1, shape.rank());
    String what = "index along axis " + axis + " of " + inputs[0];
    return () -> {
      for (long o = 0; o < outer; o++) {
        for (long i = 0; i < index.count; i++) {
          long from = o * length + checked(op, what, index.whole(i), length);
          out.copy((o * index.count + i) * inner, in, from * inner, inner);
        }
      }
    };
  }

  private static Kernel segmentSum(Op op, int along, Tensor[] inputs, Tensor output) {
    Cells in = Cells.of(op, inputs[0]);
    Cells index = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    Shape shape = output.shape();
    int axis = shape.axis(along);
    long length = shape.dim(axis);
    long outer = shape.product(0, axis);
    long inner = shape.product(axis + 1, shape.rank());
    double[] sums = new double[Math.toIntExact(length * inner)];
    return () -> {
      for (long o = 0; o < outer; o++) {
        Arrays.fill(sums, 0);
        for (long i = 0; i < index.count; i++) {
          int to = Math.toIntExact(checked(op, "index", index.whole(i), length) * inner);
          for (int j = 0; j < inner; j++) {
            sums[to + j] += in.number((o * index.count + i) * inner + j);
          }
        }
        for (int j = 0; j < sums.length; j++) {
          out.put(o * sums.length + j, sums[j]);
        }
      }
    };
  }

  private static Kernel embedding(Op op, Tensor[] inputs, Tensor output) {
    Cells table = Cells.of(op, inputs[0]);
    Cells ids = Cells.of(op, inputs[1]);
    Cells out = Cells.of(op, output);
    long rows = inputs[0].shape().dim(0);
    int width = Math.toIntExact(inputs[0].shape().last());
    String what = "id for " + inputs[0];
    if (table.type == DType.F32 || table.type == DType.F64) {
      return () -> {
        for (long i = 0; i < ids.count; i++) {
          out.copy(i * width, table, checked(op, what, ids.whole(i), rows) * width, width);
        }
      };
    }
    double[] row = new double[width];
    return () -> {
      for (long i = 0; i < ids.count; i++) {
        table.read(checked(op, what, ids.whole(i), rows) * width, row, width);
        for (int j = 0; j < width; j++) {
          out.put(i * width + j, row[j]);
        }
      }
    };
  }
}
