package io.garut.cpu.pointwise;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/**
 * Chooses kernels for operations on each element by itself. F32 has vector forms, F16 and BF16 have them for
 * functions of one element; what has none goes to the plain loops.
 */
public final class PointwiseKernels {
  private PointwiseKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Pointwise op, Tensor[] in, Tensor[] out) {
    Kernel fast =
        switch (op) {
          case Pointwise.Unary(var function) -> map(pool, FloatMaps.of(function), op, in[0], out[0]);
          case Pointwise.Activate(var activation) -> map(pool, FloatMaps.of(activation), op, in[0], out[0]);
          case Pointwise.Binary(var function) -> pair(pool, FloatPairs.of(function), op, in, out[0]);
          case Pointwise.Compare(var relation) -> pair(pool, FloatPairs.of(relation), op, in, out[0]);
          case Pointwise.Where _ -> where(pool, op, in, out[0]);
          case Pointwise.Cast _ -> cast(pool, op, in[0], out[0]);
          case Pointwise.Is _, Pointwise.Combine _ -> null;
        };
    return fast != null ? fast : ReferenceKernels.bind(op, in, out);
  }

  /** The kernel for what flows back through an activation. */
  public static Kernel bind(WorkerPool pool, Backward.Activate op, Tensor[] in, Tensor[] out) {
    if (in[0].dtype() != DType.F32) {
      return ReferenceKernels.bind(op, in, out);
    }
    long x = Operands.address(op, in[0]);
    long dy = Operands.address(op, in[1]);
    FloatSlope slope = FloatSlopes.of(op.activation());
    return new SlopeKernel(pool, slope, x, dy, Operands.address(op, out[0]), in[0].elements());
  }

  /** {@code target = function(target, source)}, both F32; the source may broadcast. */
  public static Kernel inPlace(WorkerPool pool, Pointwise.Function2 function, Op op, Tensor target, Tensor source) {
    return pair(pool, FloatPairs.of(function), op, new Tensor[] {target, source}, target);
  }

  private static Kernel map(WorkerPool pool, FloatMap map, Op op, Tensor in, Tensor out) {
    if (map == null || !CastKernel.takes(in.dtype())) {
      return null;
    }
    long from = Operands.address(op, in);
    return new MapKernel(pool, map, in.dtype(), from, Operands.address(op, out), in.elements());
  }

  private static Kernel pair(WorkerPool pool, FloatPair pair, Op op, Tensor[] in, Tensor out) {
    return pair == null || in[0].dtype() != DType.F32 ? null : new PairKernel(pool, pair, op, in[0], in[1], out);
  }

  private static Kernel where(WorkerPool pool, Op op, Tensor[] in, Tensor out) {
    boolean bits32 = out.dtype() == DType.F32 || out.dtype() == DType.I32;
    return bits32 ? new WhereKernel(pool, op, in, out) : null;
  }

  /** The kernel that writes {@code in} into {@code out} in its type; null if one of both is not F32, F16 or BF16. */
  public static Kernel cast(WorkerPool pool, Op op, Tensor in, Tensor out) {
    if (!CastKernel.takes(in.dtype()) || !CastKernel.takes(out.dtype())) {
      return null;
    }
    long from = Operands.address(op, in);
    return new CastKernel(pool, in.dtype(), from, out.dtype(), Operands.address(op, out), in.elements());
  }
}
