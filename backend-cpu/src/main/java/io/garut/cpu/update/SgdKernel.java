package io.garut.cpu.update;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Update;
import jdk.incubator.vector.FloatVector;

/** One step of gradient descent with momentum over F32 in one pass; a unit is a block. */
final class SgdKernel extends RangeKernel {
  private static final int BLOCK = 1024;

  /** Reads three numbers and writes two. */
  private static final int COST = 5;

  private final long parameter;
  private final long momentum;
  private final long gradient;
  private final long schedule;
  private final long count;
  private final float decay;
  private final float kept;

  private final boolean nesterov;

  SgdKernel(WorkerPool pool, Update.Sgd op, Tensor[] in) {
    super(pool, Math.ceilDiv(in[0].elements(), (long) BLOCK), BLOCK * COST);
    parameter = Operands.address(op, in[0]);
    momentum = Operands.address(op, in[1]);
    gradient = Operands.address(op, in[2]);
    schedule = Operands.address(op, in[3]);
    count = in[0].elements();
    decay = (float) op.weightDecay();
    kept = (float) op.momentum();
    nesterov = op.nesterov();
  }

  @Override
  protected void range(long from, long to) {
    float rate = (float) ALL.get(Simd.DOUBLE, schedule);
    float factor = (float) ALL.get(Simd.DOUBLE, schedule + 16);
    long at = 4 * from * BLOCK;
    long n = Math.min(count, to * BLOCK) - from * BLOCK;
    if (nesterov) {
      nesterov(parameter + at, momentum + at, gradient + at, n, factor, decay, kept, -rate);
    } else {
      plain(parameter + at, momentum + at, gradient + at, n, factor, decay, kept, -rate);
    }
  }

  private static void plain(
      long parameter, long momentum, long gradient, long n, float factor, float decay, float kept, float minusRate) {
    long i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4 * i;
      FloatVector p = FloatVector.fromMemorySegment(F32, ALL, parameter + at, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, gradient + at, LE).mul(factor);
      g = p.fma(FloatVector.broadcast(F32, decay), g);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, momentum + at, LE);
      b = b.fma(FloatVector.broadcast(F32, kept), g);
      b.intoMemorySegment(ALL, momentum + at, LE);
      b.fma(FloatVector.broadcast(F32, minusRate), p).intoMemorySegment(ALL, parameter + at, LE);
    }
    for (; i < n; i++) {
      long at = 4 * i;
      float p = ALL.get(FLOAT, parameter + at);
      float g = Math.fma(p, decay, ALL.get(FLOAT, gradient + at) * factor);
      float b = Math.fma(ALL.get(FLOAT, momentum + at), kept, g);
      ALL.set(FLOAT, momentum + at, b);
      ALL.set(FLOAT, parameter + at, Math.fma(b, minusRate, p));
    }
  }

  private static void nesterov(
      long parameter, long momentum, long gradient, long n, float factor, float decay, float kept, float minusRate) {
    long i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4 * i;
      FloatVector p = FloatVector.fromMemorySegment(F32, ALL, parameter + at, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, gradient + at, LE).mul(factor);
      g = p.fma(FloatVector.broadcast(F32, decay), g);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, momentum + at, LE);
      b = b.fma(FloatVector.broadcast(F32, kept), g);
      b.intoMemorySegment(ALL, momentum + at, LE);
      FloatVector ahead = b.fma(FloatVector.broadcast(F32, kept), g);
      ahead.fma(FloatVector.broadcast(F32, minusRate), p).intoMemorySegment(ALL, parameter + at, LE);
    }
    for (; i < n; i++) {
      long at = 4 * i;
      float p = ALL.get(FLOAT, parameter + at);
      float g = Math.fma(p, decay, ALL.get(FLOAT, gradient + at) * factor);
      float b = Math.fma(ALL.get(FLOAT, momentum + at), kept, g);
      ALL.set(FLOAT, momentum + at, b);
      ALL.set(FLOAT, parameter + at, Math.fma(Math.fma(b, kept, g), minusRate, p));
    }
  }
}
