package io.garut.cpu.pointwise;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.lang.foreign.MemorySegment;

/**
 * A function of two F32 tensors that broadcast. A unit is a block of a run. An element that repeats along runs is
 * written out once a block into scratch memory, so that one loop serves all forms.
 */
final class PairKernel extends RangeKernel {
  private static final int BLOCK = 1024;

  private final WorkerPool pool;
  private final FloatPair pair;
  private final BroadcastLoop loop;
  private final long x;
  private final long y;
  private final long to;
  private final int resultBytes;
  private final long blocks;

  PairKernel(WorkerPool pool, FloatPair pair, Op op, Tensor x, Tensor y, Tensor out) {
    this(pool, pair, op, x, y, out, BroadcastLoop.of(out.shape(), x.shape(), y.shape()));
  }

  private PairKernel(WorkerPool pool, FloatPair pair, Op op, Tensor x, Tensor y, Tensor out, BroadcastLoop loop) {
    super(pool, loop.runs() * Math.ceilDiv(loop.run(), (long) BLOCK), Math.min(loop.run() + 16, 2 * BLOCK));
    this.pool = pool;
    this.pair = pair;
    this.loop = loop;
    this.x = Operands.address(op, x);
    this.y = Operands.address(op, y);
    this.to = Operands.address(op, out);
    this.resultBytes = out.dtype().blockBytes();
    this.blocks = Math.ceilDiv(loop.run(), (long) BLOCK);
  }

  @Override
  protected void range(long first, long end) {
    long a = pool.scratch(ScratchSlot.ROWS, 3 * 4L * BLOCK);
    long b = a + 4L * BLOCK;
    long c = b + 4L * BLOCK;
    for (long unit = first; unit < end; unit++) {
      long run = unit / blocks;
      long begin = unit % blocks * BLOCK;
      int count = (int) Math.min(BLOCK, loop.run() - begin);
      int whole = count / Simd.LANES * Simd.LANES;
      long left = operand(0, x, run, begin, count, a);
      long right = operand(1, y, run, begin, count, b);
      long target = to + (run * loop.run() + begin) * resultBytes;
      pair.vectors(left, right, target, whole);
      if (whole < count) {
        int rest = count - whole;
        move(left + 4L * whole, a, 4L * rest);
        move(right + 4L * whole, b, 4L * rest);
        pair.vectors(a, b, c, Simd.LANES);
        move(c, target + (long) whole * resultBytes, (long) rest * resultBytes);
      }
    }
  }

  /** The address of a block of an operand: where it lies, or the element that it repeats, written out. */
  private long operand(int which, long base, long run, long begin, int count, long buffer) {
    long at = base + 4 * loop.offset(which, run);
    if (!loop.repeats(which)) {
      return at + 4 * begin;
    }
    float value = ALL.get(Simd.FLOAT, at);
    for (int i = 0; i < count; i++) {
      ALL.set(Simd.FLOAT, buffer + 4L * i, value);
    }
    return buffer;
  }

  private static void move(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }
}
