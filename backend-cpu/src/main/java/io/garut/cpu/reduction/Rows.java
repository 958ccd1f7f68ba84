package io.garut.cpu.reduction;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.pointwise.VectorMath;
import jdk.incubator.vector.FloatVector;

/**
 * Steps of softmax over rows of F32. Sums are taken lane by lane, the lanes added as a tree; long rows in blocks of
 * {@value #BLOCK}, which are added in double precision in order.
 */
public final class Rows {
  private static final int BLOCK = 1024;

  private static final FloatVector LEAST = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);

  private Rows() {}

  /** The largest of {@code count} elements, a multiple of {@link Simd#LANES}; NaN if there is one. */
  public static float max(long x, int count) {
    FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < count; i += LANES) {
      a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE).max(a);
    }
    return LEAST.max(a).reduceLanes(MAX); // of a maximum the order does not matter
  }

  /**
   * Σ exp(x − max) of {@code count} elements, a multiple of {@link Simd#LANES}; the terms are written to {@code y},
   * which may be {@code x}.
   */
  public static float expSum(long x, float max, long y, int count) {
    VectorMath.exp(x, max, y, count);
    return Folds.sum(y, count);
  }

  /** The largest of any number of elements; −∞ of none. */
  public static float rowMax(WorkerPool pool, long x, int count) {
    int whole = count / LANES * LANES;
    float max = max(x, whole);
    return whole == count ? max : Math.max(max, max(tail(pool, x + 4L * whole, count - whole), LANES));
  }

  /** Σ exp(x − max) of any number of elements; the terms are written to {@code y} unless it is 0. */
  public static double rowExpSum(WorkerPool pool, long x, float max, long y, int count) {
    int whole = count / LANES * LANES;
    long buffer = pool.scratch(ScratchSlot.ROWS, 4L * BLOCK);
    double sum = 0;
    for (int i = 0; i < whole; i += BLOCK) {
      sum += expSum(x + 4L * i, max, y == 0 ? buffer : y + 4L * i, Math.min(BLOCK, whole - i));
    }
    if (whole < count) {
      long last = tail(pool, x + 4L * whole, count - whole);
      sum += expSum(last, max, last, LANES);
      for (int i = whole; y != 0 && i < count; i++) {
        ALL.set(Simd.FLOAT, y + 4L * i, ALL.get(Simd.FLOAT, last + 4L * (i - whole)));
      }
    }
    return sum;
  }

  /** The address of a vector of the last {@code count} elements, filled up with −∞. */
  private static long tail(WorkerPool pool, long x, int count) {
    long buffer = pool.scratch(ScratchSlot.ROWS, 4L * BLOCK);
    for (int i = 0; i < LANES; i++) {
      ALL.set(Simd.FLOAT, buffer + 4L * i, i < count ? ALL.get(Simd.FLOAT, x + 4L * i) : Float.NEGATIVE_INFINITY);
    }
    return buffer;
  }
}
