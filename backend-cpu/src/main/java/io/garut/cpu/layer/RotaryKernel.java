package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Rotary embedding; a unit is a token. */
final class RotaryKernel extends RangeKernel {
  private final Layer.Rotary op;
  private final long x;
  private final long positions;
  private final long cosines;
  private final long sines;
  private final long y;
  private final int heads;
  private final int size;
  private final int half;
  private final long limit;

  RotaryKernel(WorkerPool pool, Layer.Rotary op, Tensor[] in, Tensor out) {
    super(pool, in[0].shape().dim(0), in[0].shape().dim(1) * in[0].shape().dim(2));
    this.op = op;
    x = Operands.address(op, in[0]);
    positions = Operands.address(op, in[1]);
    cosines = Operands.address(op, in[2]);
    sines = Operands.address(op, in[3]);
    y = Operands.address(op, out);
    heads = Operands.size(in[0].shape().dim(1));
    size = Operands.size(in[0].shape().dim(2));
    half = Operands.size(in[2].shape().dim(1));
    limit = in[2].shape().dim(0);
  }

  @Override
  protected void range(long from, long to) {
    int passing = size - 2 * half;
    for (long token = from; token < to; token++) {
      long angles = 4L * half * Operands.index(op, "position", positions, token, limit);
      for (int head = 0; head < heads; head++) {
        long at = 4 * (token * heads + head) * size;
        rotate(x + at, cosines + angles, sines + angles, y + at, half);
        if (passing > 0) {
          copy(x + at + 8L * half, y + at + 8L * half, passing);
        }
      }
    }
  }

  /** Masked throughout: a quarter of a head of 64 has halves of 8, less than a vector. */
  private static void rotate(long x, long cosines, long sines, long y, int half) {
    for (int i = 0; i < half; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, half);
      long at = 4L * i;
      FloatVector first = FloatVector.fromMemorySegment(F32, ALL, x + at, LE, inside);
      FloatVector second = FloatVector.fromMemorySegment(F32, ALL, x + 4L * half + at, LE, inside);
      FloatVector cosine = FloatVector.fromMemorySegment(F32, ALL, cosines + at, LE, inside);
      FloatVector sine = FloatVector.fromMemorySegment(F32, ALL, sines + at, LE, inside);
      first.mul(cosine).sub(second.mul(sine)).intoMemorySegment(ALL, y + at, LE, inside);
      second.mul(cosine).add(first.mul(sine)).intoMemorySegment(ALL, y + 4L * half + at, LE, inside);
    }
  }

  private static void copy(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> inside = F32.indexInRange(i, count);
      FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE, inside)
          .intoMemorySegment(ALL, to + 4L * i, LE, inside);
    }
  }
}
