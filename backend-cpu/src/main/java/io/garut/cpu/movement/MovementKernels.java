package io.garut.cpu.movement;

import io.garut.cpu.WorkerPool;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Movement;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;
import java.util.List;

/** Chooses kernels for operations that move elements, of every plain type. */
public final class MovementKernels {
  private MovementKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Movement op, Tensor[] in, Tensor[] out) {
    Tensor to = out[0];
    Shape shape = in[0].shape();
    return switch (op) {
      case Movement.Reshape _ -> throw new AssertionError("a reshape is a view");
      case Movement.Named _ -> throw new AssertionError("a name is a view");
      case Movement.Split(var axis, _) -> split(pool, op, in[0], shape.axis(axis), out);
      case Movement.Permute(var axes) -> StridedCopy.of(pool, op, in[0], permuted(shape, axes), 0, to);
      case Movement.BroadcastTo _ -> StridedCopy.of(pool, op, in[0], stretched(shape, to.shape()), 0, to);
      case Movement.Slice slice -> slice(pool, slice, in[0], to);
      case Movement.Concat(var axis) -> new ConcatKernel(pool, op, shape.axis(axis), in, to);
    };
  }

  private static Kernel split(WorkerPool pool, Movement op, Tensor in, int axis, Tensor[] out) {
    long[] strides = in.shape().strides();
    long piece = out[0].shape().dim(axis) * strides[axis];
    Kernel[] copies = new Kernel[out.length];
    Arrays.setAll(copies, part -> StridedCopy.of(pool, op, in, strides, part * piece, out[part]));
    return () -> {
      for (Kernel copy : copies) {
        copy.run();
      }
    };
  }

  private static long[] permuted(Shape shape, List<Integer> axes) {
    long[] strides = shape.strides();
    return axes.stream().mapToLong(axis -> strides[shape.axis(axis)]).toArray();
  }

  private static long[] stretched(Shape from, Shape to) {
    long[] strides = new long[to.rank()];
    long[] own = from.strides();
    int missing = to.rank() - from.rank();
    for (int i = 0; i < own.length; i++) {
      strides[missing + i] = from.dim(i) == 1 ? 0 : own[i];
    }
    return strides;
  }

  private static Kernel slice(WorkerPool pool, Movement.Slice op, Tensor in, Tensor out) {
    int axis = in.shape().axis(op.axis());
    boolean last = axis == in.shape().rank() - 1;
    long[] strides = StridedCopy.cells(in).strides();
    long first = op.start() * strides[axis] / (last ? in.dtype().blockSize() : 1);
    strides[axis] *= op.step();
    return StridedCopy.of(pool, op, in, strides, first, out);
  }
}
