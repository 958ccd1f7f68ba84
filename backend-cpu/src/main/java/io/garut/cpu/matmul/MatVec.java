package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.FLOAT;
import static io.garut.cpu.Simd.LE;
import static io.garut.cpu.matmul.Blocking.NR;
import static io.garut.cpu.matmul.Blocking.STEP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One row of a linear layer, as fast as memory delivers the weights. Panels are taken in groups of four, for kernels that
 * read several at once: more streams hide more of the memory's latency. A chunk is a few groups.
 */
final class MatVec implements WorkerPool.Task {
  /** Bytes of weights in a chunk; some ten microseconds' work. */
  private static final long CHUNK_BYTES = 128 << 10;

  /** Panels of a group, and its columns. */
  private static final int PANELS = 4;

  private static final int GROUP = PANELS * NR;

  private final WorkerPool pool;
  private final PackedWeights weights;
  private final DType dtype;
  private final int n;
  private final int k;
  private final long x;
  private final long bias;
  private final long y;
  private final Epilogue epilogue;
  private final int groupsPerChunk;
  private final int chunks;

  private final float[] floats;
  private final Int8Rows quantised;

  /** What the kernels read in place of x where they want it prepared. */
  private long input;

  MatVec(WorkerPool pool, PackedWeights weights, long x, long bias, long y, Epilogue epilogue) {
    this.pool = pool;
    this.weights = weights;
    this.dtype = weights.dtype();
    this.n = weights.rows();
    this.k = weights.columns();
    this.x = x;
    this.bias = bias;
    this.y = y;
    this.epilogue = epilogue;
    this.input = x;
    this.floats = dtype == DType.Q8_0 ? new float[k] : null;
    this.quantised = dtype == DType.Q4_0 ? new Int8Rows(1, k, 1) : null;
    int groups = Math.ceilDiv(weights.panels(), PANELS);
    groupsPerChunk = Math.clamp(CHUNK_BYTES / (PANELS * weights.panelBytes()), 1, groups);
    chunks = Math.ceilDiv(groups, groupsPerChunk);
  }

  void run() {
    if (dtype == DType.F16) {
      input = pool.scratch(ScratchSlot.MATMUL_ROWS, k * 4L);
      scale(x, k, input);
    } else if (dtype == DType.Q8_0) {
      MemorySegment.copy(ALL, FLOAT, x, floats, 0, k);
    } else if (dtype == DType.Q4_0) {
      quantised.quantise(0, x);
    }
    pool.run(this, chunks);
  }

  private static void scale(long x, int k, long to) {
    int i = 0;
    for (; i <= k - Simd.LANES; i += Simd.LANES) {
      FloatVector.fromMemorySegment(F32, ALL, x + i * 4L, LE)
          .mul(MatVecF16.BEFORE)
          .intoMemorySegment(ALL, to + i * 4L, LE);
    }
    for (; i < k; i++) {
      ALL.set(FLOAT, to + i * 4L, ALL.get(FLOAT, x + i * 4L) * MatVecF16.BEFORE);
    }
  }

  @Override
  public void run(int chunk) {
    int first = chunk * groupsPerChunk * GROUP;
    int last = Math.min(first + groupsPerChunk * GROUP, n);
    for (int row = first; row < last; row += GROUP) {
      if (row + GROUP <= n) {
        group(row / NR, y + row * 4L);
      } else {
        long tile = pool.scratch(ScratchSlot.MATMUL_TILE, GROUP * 4L);
        group(row / NR, tile);
        MemorySegment.copy(ALL, tile, ALL, y + row * 4L, (n - row) * 4L);
      }
    }
    if (bias != 0) {
      Vectors.add(y + first * 4L, bias + first * 4L, last - first);
    }
    if (epilogue != null) {
      epilogue.apply(y + first * 4L, 0, first, last - first);
    }
  }

  /** Four panels, or those that are left; the last of them stands in for a missing one. */
  private void group(int panel, long out) {
    int last = weights.panels() - 1;
    long w0 = weights.panel(panel);
    long w1 = weights.panel(Math.min(panel + 1, last));
    long w2 = weights.panel(Math.min(panel + 2, last));
    long w3 = weights.panel(Math.min(panel + 3, last));
    switch (dtype) {
      case F32 -> MatVecF32.quad(w0, w1, w2, w3, k, input, out);
      case F16 -> {
        MatVecF16.pair(w0, w1, k, input, out);
        if (panel + 2 <= last) {
          MatVecF16.pair(w2, w3, k, input, out + 2 * STEP);
        }
      }
      case BF16 -> {
        MatVecBf16.pair(w0, w1, k, input, out);
        if (panel + 2 <= last) {
          MatVecBf16.pair(w2, w3, k, input, out + 2 * STEP);
        }
      }
      case Q8_0 -> {
        for (int i = 0; i < PANELS && panel + i <= last; i++) {
          MatVecQ8.panel(weights.panel(panel + i), k, floats, out + i * STEP);
        }
      }
      case Q4_0 -> {
        for (int i = 0; i < PANELS && panel + i <= last; i++) {
          MatVecQ4.panel(weights.panel(panel + i), k, quantised, out + i * STEP);
        }
      }
      case F64, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(dtype);
    }
  }
}
