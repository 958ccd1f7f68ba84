package io.garut.cpu.pointwise;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for operations on each element by itself. */
public final class PointwiseKernels {
  private PointwiseKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Pointwise op, Tensor[] in, Tensor[] out) {
    boolean single = in[0].dtype() == DType.F32;
    return switch (op) {
      case Pointwise.Unary(var function) when single && FloatMaps.of(function) != null ->
          map(pool, FloatMaps.of(function), op, in[0], out[0]);
      case Pointwise.Unary unary -> ReferenceKernels.bind(unary, in, out);
      case Pointwise.Is is -> ReferenceKernels.bind(is, in, out);
      case Pointwise.Activate(var activation) when single -> map(pool, FloatMaps.of(activation), op, in[0], out[0]);
      case Pointwise.Activate activate -> ReferenceKernels.bind(activate, in, out);
      case Pointwise.Binary binary -> ReferenceKernels.bind(binary, in, out);
      case Pointwise.Compare compare -> ReferenceKernels.bind(compare, in, out);
      case Pointwise.Combine combine -> ReferenceKernels.bind(combine, in, out);
      case Pointwise.Where where -> ReferenceKernels.bind(where, in, out);
      case Pointwise.Cast cast -> ReferenceKernels.bind(cast, in, out);
    };
  }

  private static Kernel map(WorkerPool pool, FloatMap map, Pointwise op, Tensor in, Tensor out) {
    return new MapKernel(pool, map, Operands.address(op, in), Operands.address(op, out), in.elements());
  }
}
