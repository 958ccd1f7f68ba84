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

/**
 * One step of AdamW over F32 in one pass; a unit is a block. What depends on the step is computed in double precision. Moments
 * are brought forward as {@code v + (1 − β)(g − v)}: a β rounded to F32 would leave them off by its rounding over 1 − β.
 */
final class AdamWKernel extends RangeKernel {
  private static final int BLOCK = 1024;

  /** Reads four numbers and writes three. */
  private static final int COST = 7;

  private final Update.AdamW op;
  private final long parameter;
  private final long first;
  private final long second;
  private final long gradient;
  private final long schedule;
  private final long count;

  AdamWKernel(WorkerPool pool, Update.AdamW op, Tensor[] in) {
    super(pool, Math.ceilDiv(in[0].elements(), (long) BLOCK), BLOCK * COST);
    this.op = op;
    parameter = Operands.address(op, in[0]);
    first = Operands.address(op, in[1]);
    second = Operands.address(op, in[2]);
    gradient = Operands.address(op, in[3]);
    schedule = Operands.address(op, in[4]);
    count = in[0].elements();
  }

  @Override
  protected void range(long from, long to) {
    double rate = ALL.get(Simd.DOUBLE, schedule);
    double step = ALL.get(Simd.DOUBLE, schedule + 8);
    float factor = (float) ALL.get(Simd.DOUBLE, schedule + 16);
    float size = (float) (rate / weight(op.beta1(), step));
    float correction = (float) (1 / Math.sqrt(weight(op.beta2(), step)));
    float decay = (float) (rate * op.weightDecay());
    float c1 = (float) (1 - op.beta1());
    float c2 = (float) (1 - op.beta2());
    long at = 4 * from * BLOCK;
    long n = Math.min(count, to * BLOCK) - from * BLOCK;
    step(parameter + at, first + at, second + at, gradient + at, n, factor, c1, c2, correction, (float) op.epsilon(),
        decay, size);
  }

  /** 1 − βᵗ; {@code StrictMath.pow} would take heap. */
  private static double weight(double beta, double step) {
    return -StrictMath.expm1(step * StrictMath.log(beta));
  }

  private static void step(
      long parameter,
      long first,
      long second,
      long gradient,
      long n,
      float factor,
      float c1,
      float c2,
      float correction,
      float epsilon,
      float decay,
      float size) {
    long i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4 * i;
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, gradient + at, LE).mul(factor);
      FloatVector m = FloatVector.fromMemorySegment(F32, ALL, first + at, LE);
      m = g.sub(m).fma(FloatVector.broadcast(F32, c1), m);
      m.intoMemorySegment(ALL, first + at, LE);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, second + at, LE);
      v = g.mul(g).sub(v).fma(FloatVector.broadcast(F32, c2), v);
      v.intoMemorySegment(ALL, second + at, LE);
      FloatVector quotient = m.div(v.sqrt().mul(correction).add(epsilon));
      FloatVector p = FloatVector.fromMemorySegment(F32, ALL, parameter + at, LE);
      FloatVector change = p.mul(decay).add(quotient.mul(size));
      p.sub(change).intoMemorySegment(ALL, parameter + at, LE);
    }
    for (; i < n; i++) {
      long at = 4 * i;
      float g = ALL.get(FLOAT, gradient + at) * factor;
      float m = ALL.get(FLOAT, first + at);
      m = Math.fma(g - m, c1, m);
      ALL.set(FLOAT, first + at, m);
      float v = ALL.get(FLOAT, second + at);
      v = Math.fma(g * g - v, c2, v);
      ALL.set(FLOAT, second + at, v);
      float quotient = m / ((float) Math.sqrt(v) * correction + epsilon);
      float p = ALL.get(FLOAT, parameter + at);
      ALL.set(FLOAT, parameter + at, p - (p * decay + quotient * size));
    }
  }
}
