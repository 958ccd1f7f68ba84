package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.Operands;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.reduction.Folds;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What flows back through layer normalisation of F32 rows. With n the normed row and g = dy·weight, dx is scale·(g − mean g −
 * n·mean(g·n)); the weight gets Σ dy·n over all rows and the bias Σ dy.
 *
 * <p>Rows are cut into blocks by their number only. A block adds up its rows one after another into sums of its own, and
 * these are added block after block, so the threads do not show in the result.
 */
final class LayerNormBackwardKernel implements Kernel, WorkerPool.Task {
  /** Rows of a block at least; many rows are cut into {@link #MOST_BLOCKS}. */
  private static final long LEAST_ROWS = 16;

  private static final long MOST_BLOCKS = 256;

  /** Elements that are worth waking the workers. */
  private static final long WORTH_SHARING = 1 << 13;

  private final WorkerPool pool;
  private final long x;
  private final long weight;
  private final long dy;
  private final long dx;
  private final long dweight;
  private final long dbias;
  private final long rows;
  private final int width;
  private final double epsilon;
  private final long perBlock;
  private final int blocks;

  /** Bytes of a block's sums: those of the weight, then those of the bias. */
  private final long sumBytes;

  /** The blocks' sums in the present run. */
  private long sums;

  LayerNormBackwardKernel(WorkerPool pool, Backward.LayerNorm op, Tensor[] in, Tensor[] out) {
    this.pool = pool;
    x = Operands.address(op, in[0]);
    weight = Operands.address(op, in[1]);
    dy = Operands.address(op, in[2]);
    dx = Operands.address(op, out[0]);
    dweight = Operands.address(op, out[1]);
    dbias = Operands.address(op, out[2]);
    width = Operands.size(in[0].shape().last());
    rows = in[0].elements() / width;
    epsilon = op.epsilon();
    perBlock = Math.max(LEAST_ROWS, Math.ceilDiv(rows, MOST_BLOCKS));
    blocks = (int) Math.ceilDiv(rows, perBlock);
    sumBytes = Math.ceilDiv(8L * width, 64L) * 64;
  }

  @Override
  public void run() {
    sums = pool.scratch(ScratchSlot.ROWS, sumBytes * Math.max(1, blocks));
    if (rows * width < WORTH_SHARING) {
      for (int block = 0; block < blocks; block++) {
        run(block);
      }
    } else {
      pool.run(this, blocks);
    }
    if (blocks == 0) {
      ALL.asSlice(sums, sumBytes).fill((byte) 0);
    }
    for (int block = 1; block < blocks; block++) {
      Folds.addTo(sums + block * sumBytes, sums, 2 * width);
    }
    MemorySegment.copy(ALL, sums, ALL, dweight, 4L * width);
    MemorySegment.copy(ALL, sums + 4L * width, ALL, dbias, 4L * width);
  }

  @Override
  public void run(int block) {
    long mine = sums + block * sumBytes;
    ALL.asSlice(mine, sumBytes).fill((byte) 0);
    long end = Math.min(rows, (block + 1) * perBlock);
    for (long row = block * perBlock; row < end; row++) {
      row(4 * row * width, mine);
    }
  }

  private void row(long at, long mine) {
    float mean = Folds.sum(x + at, width) / width;
    float variance = LayerNormKernel.squares(x + at, mean, width) / width;
    float scale = (float) (1 / Math.sqrt(variance + epsilon));
    float slope = slopes(dy + at, weight, width) / width;
    float product = products(x + at, mean, scale, dy + at, weight, mine, width) / width;
    apply(x + at, mean, scale, dy + at, weight, slope, product, dx + at, width);
  }

  /** Σ dy·weight. */
  private static float slopes(long dy, long weight, int n) {
    FloatVector a = FloatVector.zero(F32);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      long at = 4L * i;
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + at, LE);
      a = g.fma(FloatVector.fromMemorySegment(F32, ALL, weight + at, LE), a);
      FloatVector h = FloatVector.fromMemorySegment(F32, ALL, dy + at + Simd.BYTES, LE);
      b = h.fma(FloatVector.fromMemorySegment(F32, ALL, weight + at + Simd.BYTES, LE), b);
    }
    for (; i < n; i += LANES) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE, rest);
      a = g.fma(FloatVector.fromMemorySegment(F32, ALL, weight + 4L * i, LE, rest), a);
    }
    a = Lanes.ZERO.add(a).add(b);
    if (LANES > 8) {
      a = a.add(a.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      a = a.add(a.rearrange(Lanes.BY_4));
    }
    a = a.add(a.rearrange(Lanes.BY_2));
    return a.lane(0) + a.lane(1);
  }

  /** Σ dy·weight·n; adds dy·n to the sums of the weight and dy to those of the bias. */
  private static float products(long x, float mean, float scale, long dy, long weight, long sums, int n) {
    FloatVector a = FloatVector.zero(F32);
    long biasSums = sums + 4L * n;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4L * i;
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + at, LE);
      FloatVector gn = FloatVector.fromMemorySegment(F32, ALL, x + at, LE).sub(mean).mul(scale).mul(g);
      FloatVector.fromMemorySegment(F32, ALL, sums + at, LE).add(gn).intoMemorySegment(ALL, sums + at, LE);
      FloatVector.fromMemorySegment(F32, ALL, biasSums + at, LE).add(g).intoMemorySegment(ALL, biasSums + at, LE);
      a = gn.fma(FloatVector.fromMemorySegment(F32, ALL, weight + at, LE), a);
    }
    float rest = 0;
    for (; i < n; i++) {
      long at = 4L * i;
      float g = ALL.get(Simd.FLOAT, dy + at);
      float gn = (ALL.get(Simd.FLOAT, x + at) - mean) * scale * g;
      ALL.set(Simd.FLOAT, sums + at, ALL.get(Simd.FLOAT, sums + at) + gn);
      ALL.set(Simd.FLOAT, biasSums + at, ALL.get(Simd.FLOAT, biasSums + at) + g);
      rest = Math.fma(gn, ALL.get(Simd.FLOAT, weight + at), rest);
    }
    a = Lanes.ZERO.add(a);
    if (LANES > 8) {
      a = a.add(a.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      a = a.add(a.rearrange(Lanes.BY_4));
    }
    a = a.add(a.rearrange(Lanes.BY_2));
    return a.lane(0) + a.lane(1) + rest;
  }

  private static void apply(
      long x, float mean, float scale, long dy, long weight, float slope, float product, long dx, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4L * i;
      FloatVector normal = FloatVector.fromMemorySegment(F32, ALL, x + at, LE).sub(mean).mul(scale);
      FloatVector w = FloatVector.fromMemorySegment(F32, ALL, weight + at, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + at, LE).mul(w).sub(slope);
      normal.mul(-product).add(g).mul(scale).intoMemorySegment(ALL, dx + at, LE);
    }
    for (; i < n; i++) {
      long at = 4L * i;
      float normal = (ALL.get(Simd.FLOAT, x + at) - mean) * scale;
      float g = ALL.get(Simd.FLOAT, dy + at) * ALL.get(Simd.FLOAT, weight + at) - slope;
      ALL.set(Simd.FLOAT, dx + at, (normal * -product + g) * scale);
    }
  }
}
