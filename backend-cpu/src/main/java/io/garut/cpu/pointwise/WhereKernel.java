package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/** A choice between elements of 32 bits, F32 or I32; all operands broadcast. A unit is a block of a run. */
final class WhereKernel extends RangeKernel {
  private static final int BLOCK = 1024;

  private final BroadcastLoop loop;
  private final long condition;
  private final long yes;
  private final long no;
  private final long to;
  private final long blocks;

  WhereKernel(WorkerPool pool, Op op, Tensor[] in, Tensor out) {
    this(pool, op, in, out, BroadcastLoop.of(out.shape(), in[0].shape(), in[1].shape(), in[2].shape()));
  }

  private WhereKernel(WorkerPool pool, Op op, Tensor[] in, Tensor out, BroadcastLoop loop) {
    super(pool, loop.runs() * Math.ceilDiv(loop.run(), (long) BLOCK), Math.min(loop.run() + 16, 2 * BLOCK));
    this.loop = loop;
    condition = Operands.address(op, in[0]);
    yes = Operands.address(op, in[1]);
    no = Operands.address(op, in[2]);
    to = Operands.address(op, out);
    blocks = Math.ceilDiv(loop.run(), (long) BLOCK);
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      long run = unit / blocks;
      long begin = unit % blocks * BLOCK;
      int count = (int) Math.min(BLOCK, loop.run() - begin);
      long c = condition + loop.offset(0, run) + (loop.repeats(0) ? 0 : begin);
      long a = yes + 4 * (loop.offset(1, run) + (loop.repeats(1) ? 0 : begin));
      long b = no + 4 * (loop.offset(2, run) + (loop.repeats(2) ? 0 : begin));
      long target = to + 4 * (run * loop.run() + begin);
      if (loop.repeats(0) || loop.repeats(1) || loop.repeats(2)) {
        scalars(c, loop.repeats(0) ? 0 : 1, a, loop.repeats(1) ? 0 : 4, b, loop.repeats(2) ? 0 : 4, target, 0, count);
      } else {
        int whole = count / LANES * LANES;
        vectors(c, a, b, target, whole);
        scalars(c, 1, a, 4, b, 4, target, whole, count);
      }
    }
  }

  private static void vectors(long condition, long yes, long no, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      long bits = 0;
      for (int lane = 0; lane < LANES; lane += 4) {
        // the lowest bits of four bytes, side by side: a product whose terms do not meet
        bits |= (long) (ALL.get(Simd.INT, condition + i + lane) * 0x10204080 >>> 28) << lane;
      }
      VectorMask<Integer> chosen = VectorMask.fromLong(I32, bits);
      Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, no + 4L * i, LE))
          .blend(IntVector.fromMemorySegment(I32, ALL, yes + 4L * i, LE), chosen)
          .intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void scalars(
      long c, int cStep, long a, int aStep, long b, int bStep, long to, int from, int count) {
    for (int i = from; i < count; i++) {
      boolean chosen = ALL.get(ValueLayout.JAVA_BYTE, c + (long) i * cStep) != 0;
      int value = ALL.get(Simd.INT, chosen ? a + (long) i * aStep : b + (long) i * bStep);
      ALL.set(Simd.INT, to + 4L * i, value);
    }
  }
}
