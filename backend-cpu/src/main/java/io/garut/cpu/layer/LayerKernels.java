package io.garut.cpu.layer;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Layer;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Kernel;

/** Chooses kernels for the coarse operations of a transformer. F64 goes to the plain loops. */
public final class LayerKernels {
  private LayerKernels() {}

  /** The kernel for {@code op}. */
  public static Kernel bind(WorkerPool pool, Layer op, Tensor[] in, Tensor[] out) {
    return switch (op) {
      case Layer.LayerNorm norm when in[0].dtype() == DType.F32 -> layerNorm(pool, norm, in, out[0]);
      case Layer.LayerNorm norm -> ReferenceKernels.bind(norm, in, out);
      case Layer.Rotary rotary when in[0].dtype() == DType.F64 -> ReferenceKernels.bind(rotary, in, out);
      case Layer.Rotary rotary -> new RotaryKernel(pool, rotary, in, out[0]);
      case Layer.Attention attention when in[0].dtype() == DType.F64 -> ReferenceKernels.bind(attention, in, out);
      case Layer.Attention attention -> AttentionKernel.of(pool, attention, in, out[0]);
      case Layer.AppendCache append -> new AppendCacheKernel(append, in);
      case Layer.CachedAttention attention -> AttentionKernel.of(pool, attention, in, out[0]);
      case Layer.CrossEntropy entropy when in[0].dtype() == DType.F32 ->
          new CrossEntropyKernel(pool, entropy, in, out[0]);
      case Layer.CrossEntropy entropy -> ReferenceKernels.bind(entropy, in, out);
    };
  }

  /** The kernel for what flows back through an operation of this package. */
  public static Kernel bind(WorkerPool pool, Backward op, Tensor[] in, Tensor[] out) {
    boolean single = in[0].dtype() == DType.F32;
    return switch (op) {
      case Backward.LayerNorm norm when single && in[0].shape().last() > 0 ->
          new LayerNormBackwardKernel(pool, norm, in, out);
      case Backward.CrossEntropy entropy when single -> new CrossEntropyBackwardKernel(pool, entropy, in, out[0]);
      case Backward.Attention attention when single -> new AttentionBackwardKernel(pool, attention, in, out);
      case Backward.LayerNorm _, Backward.CrossEntropy _, Backward.Attention _, Backward.Activate _ ->
          ReferenceKernels.bind(op, in, out);
    };
  }

  private static Kernel layerNorm(WorkerPool pool, Layer.LayerNorm op, Tensor[] in, Tensor out) {
    Shape shape = in[0].shape();
    return new LayerNormKernel(
        pool,
        Operands.address(op, in[0]),
        Operands.address(op, in[1]),
        Operands.address(op, in[2]),
        Operands.address(op, out),
        shape.elements() / shape.last(),
        Operands.size(shape.last()),
        op.epsilon());
  }
}
