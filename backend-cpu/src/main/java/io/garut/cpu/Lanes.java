package io.garut.cpu;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * What kernels need beside {@link Simd}.
 *
 * <p>A vector that is carried around a loop must not be what a method is called on, neither in the loop nor after it:
 * C2 knows its class from the profile only, which the whole JVM shares, and where vectors of two widths are in use it
 * becomes an object. It may be an argument: {@code v.add(sum)}, and behind the loop {@code Lanes.ZERO.add(sum)}. It
 * must not begin as a constant either, which is an object already, but as a broadcast.
 *
 * <p>The same goes for integers that come from memory, from another type or from the bits of floats:
 * {@code Lanes.NONE.or(v)} first. In an inner loop that may cost; there {@code none.or(v)}, with
 * {@code IntVector none = IntVector.broadcast(I32, 0)} in front of the loop, which C2 takes away.
 *
 * <p>Turns of F32 vectors, with which the lanes of a sum are added along a fixed binary tree: lane i and lane i +
 * n/2, and so on. {@code reduceLanes(ADD)} promises no order, and a method that takes a vector is not always inlined;
 * so each sum has these lines:
 *
 * <pre>{@code
 * FloatVector a = Lanes.ZERO.add(carried);
 * if (LANES > 8) {
 *   a = a.add(a.rearrange(Lanes.BY_8));
 * }
 * if (LANES > 4) {
 *   a = a.add(a.rearrange(Lanes.BY_4));
 * }
 * a = a.add(a.rearrange(Lanes.BY_2));
 * float sum = a.lane(0) + a.lane(1);
 * }</pre>
 */
public final class Lanes {
  /** All lanes 0. */
  public static final FloatVector ZERO = FloatVector.zero(F32);

  /** All bits 0: {@code NONE.or(v)} is {@code v}, of known class. */
  public static final IntVector NONE = IntVector.zero(I32);

  /** Lane i takes what stands 8 further, around the end. */
  public static final VectorShuffle<Float> BY_8 = turn(8);

  /** By 4. */
  public static final VectorShuffle<Float> BY_4 = turn(4);

  /** By 2. */
  public static final VectorShuffle<Float> BY_2 = turn(2);

  private Lanes() {}

  /** Writes {@code count} vectors of 0; a slice to fill would be an object. */
  public static void clear(long address, int count) {
    FloatVector zero = FloatVector.zero(F32);
    for (int i = 0; i < count; i++) {
      zero.intoMemorySegment(ALL, address + i * (long) Simd.BYTES, LE);
    }
  }

  private static VectorShuffle<Float> turn(int distance) {
    return VectorShuffle.fromOp(F32, i -> (i + distance) % LANES);
  }
}
