package io.garut.cpu.product;

import static io.garut.cpu.Simd.BYTES;
import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.decode.RowDecoder;
import io.garut.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** One row times a plain weight [N, K] of any type: dot products along K. A unit is an output. */
final class PlainMatVec extends RangeKernel {
  private final WorkerPool pool;
  private final RowDecoder decoder;
  private final long weight;
  private final int width;
  private final long x;
  private final long y;

  PlainMatVec(WorkerPool pool, DType type, long weight, int rows, int width, long x, long y) {
    super(pool, rows, type == DType.F32 ? width : 2L * width);
    this.pool = pool;
    this.decoder = type == DType.F32 ? null : new RowDecoder(type, weight, width);
    this.weight = weight;
    this.width = width;
    this.x = x;
    this.y = y;
  }

  @Override
  protected void range(long first, long end) {
    long buffer = decoder == null ? 0 : pool.scratch(ScratchSlot.ROWS, 4L * width);
    for (long row = first; row < end; row++) {
      long at = weight + 4 * row * width;
      if (decoder != null) {
        decoder.decode(row, buffer);
        at = buffer;
      }
      ALL.set(Simd.FLOAT, y + 4 * row, dot(x, at, width));
    }
  }

  private static float dot(long x, long w, int n) {
    FloatVector a = FloatVector.zero(F32);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) { // four chains hide the latency of a multiply-add
      long p = x + 4L * i;
      long q = w + 4L * i;
      a = FloatVector.fromMemorySegment(F32, ALL, p, LE).fma(FloatVector.fromMemorySegment(F32, ALL, q, LE), a);
      p += BYTES;
      q += BYTES;
      b = FloatVector.fromMemorySegment(F32, ALL, p, LE).fma(FloatVector.fromMemorySegment(F32, ALL, q, LE), b);
      p += BYTES;
      q += BYTES;
      c = FloatVector.fromMemorySegment(F32, ALL, p, LE).fma(FloatVector.fromMemorySegment(F32, ALL, q, LE), c);
      p += BYTES;
      q += BYTES;
      d = FloatVector.fromMemorySegment(F32, ALL, p, LE).fma(FloatVector.fromMemorySegment(F32, ALL, q, LE), d);
    }
    for (; i < n; i += LANES) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE, rest);
      a = v.fma(FloatVector.fromMemorySegment(F32, ALL, w + 4L * i, LE, rest), a);
    }
    a = Lanes.ZERO.add(a).add(b).add(Lanes.ZERO.add(c).add(d));
    if (LANES > 8) {
      a = a.add(a.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      a = a.add(a.rearrange(Lanes.BY_4));
    }
    a = a.add(a.rearrange(Lanes.BY_2));
    return a.lane(0) + a.lane(1);
  }
}
