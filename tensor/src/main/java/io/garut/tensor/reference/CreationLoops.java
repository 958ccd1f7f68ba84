package io.garut.tensor.reference;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.spi.Kernel;

/** Operations that make a tensor from nothing. */
final class CreationLoops {
  private CreationLoops() {}

  static Kernel bind(Creation op, Tensor[] outputs) {
    Cells out = Cells.of(op, outputs[0]);
    return switch (op) {
      case Creation.Full(_, _, var value) ->
          () -> {
            for (long i = 0; i < out.count; i++) {
              out.put(i, value);
            }
          };
      case Creation.Arange(var type, _, var start, var step) -> arange(out, type, start, step);
      case Creation.Rand(var type, _, var seed) ->
          () -> {
            for (long i = 0; i < out.count; i++) {
              out.put(i, type == DType.F32 ? SplitMix64.uniformFloat(seed, i) : SplitMix64.uniform(seed, i));
            }
          };
      case Creation.Randn(_, _, var seed) ->
          () -> {
            for (long i = 0; i < out.count; i++) {
              out.put(i, SplitMix64.normal(seed, i));
            }
          };
    };
  }

  private static Kernel arange(Cells out, DType type, double start, double step) {
    if (type.isFloat()) {
      return () -> {
        for (long i = 0; i < out.count; i++) {
          out.put(i, start + i * step);
        }
      };
    }
    return () -> {
      for (long i = 0; i < out.count; i++) {
        out.putWhole(i, (long) start + i * (long) step);
      }
    };
  }
}
