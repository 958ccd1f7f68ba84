package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.pointwise.HalfFloats.HALF;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.S2I;

import io.garut.cpu.Lanes;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** The first infinity or NaN among F32, F16 or BF16: those whose exponent has all bits set. */
final class FirstNonFiniteKernel implements Kernel, WorkerPool.Task {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Elements of a chunk. */
  private static final long CHUNK = 1 << 18;

  private final WorkerPool pool;
  private final long from;
  private final long to;
  private final long count;
  private final int bytes;
  private final int exponent;

  /** The smallest index found by any thread. */
  private final AtomicLong first = new AtomicLong();

  FirstNonFiniteKernel(WorkerPool pool, DType type, long from, long to, long count) {
    this.pool = pool;
    this.from = from;
    this.to = to;
    this.count = count;
    this.bytes = type.blockBytes();
    this.exponent =
        switch (type) {
          case F32 -> 0x7f800000;
          case F16 -> 0x7c00;
          case BF16 -> 0x7f80;
          case F64, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(type);
        };
  }

  /** Whether there is a vector form for {@code type}. */
  static boolean takes(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16;
  }

  @Override
  public void run() {
    first.set(Long.MAX_VALUE);
    pool.run(this, Math.toIntExact(Math.ceilDiv(count, CHUNK)));
    ALL.set(LONG, to, first.get() == Long.MAX_VALUE ? -1 : first.get());
  }

  @Override
  public void run(int chunk) {
    long begin = chunk * CHUNK;
    if (begin < first.get()) {
      int now = (int) Math.min(CHUNK, count - begin);
      long address = from + begin * bytes;
      int whole = now / LANES * LANES;
      int at = bytes == 4 ? search(address, whole, exponent) : searchHalves(address, whole, exponent);
      while (at < now && (element(address, at) & exponent) != exponent) {
        at++;
      }
      if (at < now) {
        first.accumulateAndGet(begin + at, Math::min);
      }
    }
  }

  private int element(long address, int i) {
    return bytes == 4 ? ALL.get(Simd.INT, address + 4L * i) : ALL.get(Simd.SHORT, address + 2L * i);
  }

  /** The first vector with such an element; {@code n} if there is none. */
  private static int search(long x, int n, int exponent) {
    for (int i = 0; i < n; i += LANES) {
      IntVector bits = Lanes.NONE.or(IntVector.fromMemorySegment(I32, ALL, x + 4L * i, LE));
      if (bits.and(exponent).compare(EQ, exponent).anyTrue()) {
        return i;
      }
    }
    return n;
  }

  private static int searchHalves(long x, int n, int exponent) {
    for (int i = 0; i < n; i += LANES) {
      IntVector bits = (IntVector) ShortVector.fromMemorySegment(HALF, ALL, x + 2L * i, LE).convertShape(S2I, I32, 0);
      if (Lanes.NONE.or(bits).and(exponent).compare(EQ, exponent).anyTrue()) {
        return i;
      }
    }
    return n;
  }
}
