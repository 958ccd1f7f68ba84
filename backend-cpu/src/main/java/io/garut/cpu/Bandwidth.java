package io.garut.cpu;

import static io.garut.cpu.Simd.I32;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import java.lang.foreign.Arena;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * How fast this machine reads memory at this moment: the ceiling of everything that reads its weights once, as decoding
 * does.
 */
public final class Bandwidth {
  private static final long BYTES = 1L << 30;
  private static final int CHUNK = 1 << 20;
  private static final int ROUNDS = 5;

  /** Reads before the measurement, so that the compiler is done with the loop. */
  private static final int WARM_UP = 400;

  private static final long VECTOR = Simd.BYTES;

  private Bandwidth() {}

  /**
   * Reads 1 GiB with vectors on all threads of {@code pool}, five times, and returns the best rate in bytes per second. Takes
   * half a second and 1 GiB of memory, which it gives back.
   */
  public static double measure(WorkerPool pool) {
    try (Arena arena = Arena.ofShared()) {
      long start = arena.allocate(BYTES, 64).address(); // zeroed, so every page is there
      int[] sums = new int[(int) (BYTES / CHUNK)];
      WorkerPool.Task read = chunk -> sums[chunk] = xor(start + (long) chunk * CHUNK);
      for (int i = 0; i < WARM_UP; i++) {
        read.run(i % sums.length);
      }
      long best = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        long before = System.nanoTime();
        pool.run(read, sums.length);
        best = Math.min(best, System.nanoTime() - before);
      }
      for (int sum : sums) {
        if (sum != 0) {
          throw new AssertionError("fresh memory is not zero");
        }
      }
      return BYTES * 1e9 / best;
    }
  }

  private static int xor(long address) {
    IntVector a = IntVector.zero(I32);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    for (int i = 0; i < CHUNK / (4 * Simd.BYTES); i++) {
      long at = address + i * (4 * VECTOR);
      a = a.lanewise(VectorOperators.XOR, IntVector.fromMemorySegment(I32, ALL, at, LE));
      b = b.lanewise(VectorOperators.XOR, IntVector.fromMemorySegment(I32, ALL, at + VECTOR, LE));
      c = c.lanewise(VectorOperators.XOR, IntVector.fromMemorySegment(I32, ALL, at + 2 * VECTOR, LE));
      d = d.lanewise(VectorOperators.XOR, IntVector.fromMemorySegment(I32, ALL, at + 3 * VECTOR, LE));
    }
    return a.or(b).or(c.or(d)).reduceLanes(VectorOperators.OR);
  }
}
