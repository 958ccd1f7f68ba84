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
 * One row of a linear layer, as fast as memory delivers the weights. Panels are taken in pairs: two streams at once, and four
 * accumulators, hide more of the memory's latency than one. A chunk is a few pairs.
 */
final class MatVec implements WorkerPool.Task {
  /** Bytes of weights in a chunk; some ten microseconds' work. */
  private static final long CHUNK_BYTES = 128 << 10;

  private static final int PAIR = 2 * NR;

  private final WorkerPool pool;
  private final PackedWeights weights;
  private final DType dtype;
  private final int n;
  private final int k;
  private final long x;
  private final long bias;
  private final long y;
  private final Epilogue epilogue;
  private final int pairsPerChunk;
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
    int pairs = Math.ceilDiv(weights.panels(), 2);
    pairsPerChunk = Math.clamp(CHUNK_BYTES / (2 * weights.panelBytes()), 1, pairs);
    chunks = Math.ceilDiv(pairs, pairsPerChunk);
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
    int first = chunk * pairsPerChunk * PAIR;
    int last = Math.min(first + pairsPerChunk * PAIR, n);
    for (int row = first; row < last; row += PAIR) {
      int panel = row / NR;
      long w0 = weights.panel(panel);
      long w1 = panel + 1 < weights.panels() ? weights.panel(panel + 1) : w0; // without a partner: twice itself
      if (row + PAIR <= n) {
        pair(w0, w1, y + row * 4L);
      } else {
        long tile = pool.scratch(ScratchSlot.MATMUL_TILE, PAIR * 4L);
        pair(w0, w1, tile);
        for (int i = row; i < n; i++) {
          ALL.set(FLOAT, y + i * 4L, ALL.get(FLOAT, tile + (i - row) * 4L));
        }
      }
    }
    if (bias != 0) {
      Vectors.add(y + first * 4L, bias + first * 4L, last - first);
    }
    if (epilogue != null) {
      epilogue.apply(y + first * 4L, 0, first, last - first);
    }
  }

  private void pair(long w0, long w1, long out) {
    switch (dtype) {
      case F32 -> MatVecF32.pair(w0, w1, k, input, out);
      case F16 -> MatVecF16.pair(w0, w1, k, input, out);
      case BF16 -> MatVecBf16.pair(w0, w1, k, input, out);
      case Q8_0 -> {
        MatVecQ8.panel(w0, k, floats, out);
        MatVecQ8.panel(w1, k, floats, out + STEP);
      }
      case Q4_0 -> {
        MatVecQ4.panel(w0, k, quantised, out);
        MatVecQ4.panel(w1, k, quantised, out + STEP);
      }
      case F64, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(dtype);
    }
  }
}
