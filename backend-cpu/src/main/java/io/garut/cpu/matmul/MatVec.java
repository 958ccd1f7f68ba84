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
 * One row of a linear layer, as fast as memory delivers the weights. A chunk is read at four places at once, a quarter of its
 * panels from each: more streams hide more of the memory's latency, and long ones are what the processor foresees.
 */
final class MatVec implements WorkerPool.Task {
  /** Bytes of weights in a chunk; some ten microseconds' work. */
  private static final long CHUNK_BYTES = 256 << 10;

  /** Chunks that even a small weight has, so that threads are evenly loaded. */
  private static final int LEAST_CHUNKS = 12;

  /** Panels that are read at once. */
  private static final int STREAMS = 4;

  private final WorkerPool pool;
  private final PackedWeights weights;
  private final DType dtype;
  private final int n;
  private final int k;
  private final long x;
  private final long bias;
  private final long y;
  private final Epilogue epilogue;
  private final int panelsPerChunk;
  private final int chunks;

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
    this.quantised = dtype == DType.Q4_0 ? new Int8Rows(1, k, 1) : null;
    int panels = weights.panels();
    long most = Math.min(CHUNK_BYTES / weights.panelBytes(), panels / LEAST_CHUNKS) / STREAMS * STREAMS;
    panelsPerChunk = (int) Math.max(STREAMS, most);
    chunks = Math.ceilDiv(panels, panelsPerChunk);
  }

  void run() {
    if (dtype == DType.F16) {
      input = pool.scratch(ScratchSlot.MATMUL_ROWS, k * 4L);
      scale(x, k, input);
    } else if (dtype == DType.Q4_0) {
      quantised.place(pool.scratch(ScratchSlot.MATMUL_ROWS, quantised.bytes()));
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
    int first = chunk * panelsPerChunk;
    int end = Math.min(first + panelsPerChunk, weights.panels());
    int apart = Math.ceilDiv(end - first, STREAMS);
    int whole = n / NR; // panels without columns that fill up
    for (int panel = first; panel < first + apart; panel++) {
      int last = panel + (STREAMS - 1) * apart;
      if (last < Math.min(end, whole)) {
        panels(panel, apart, last, y + panel * STEP, apart * STEP);
      } else {
        long tile = pool.scratch(ScratchSlot.MATMUL_TILE, STREAMS * STEP);
        panels(panel, apart, end - 1, tile, STEP);
        for (int i = 0; i < STREAMS && panel + i * apart < end; i++) {
          int column = (panel + i * apart) * NR;
          MemorySegment.copy(ALL, tile + i * STEP, ALL, y + column * 4L, Math.min(NR, n - column) * 4L);
        }
      }
    }
    int column = first * NR;
    int count = Math.min(end * NR, n) - column;
    if (bias != 0) {
      Vectors.add(y + column * 4L, bias + column * 4L, count);
    }
    if (epilogue != null) {
      epilogue.apply(y + column * 4L, 0, column, count);
    }
  }

  /**
   * Four panels, {@code apart} from each other; {@code last} stands in for those beyond it. Their results go {@code bytes}
   * from each other.
   */
  private void panels(int panel, int apart, int last, long out, long bytes) {
    long w0 = weights.panel(panel);
    long w1 = weights.panel(Math.min(panel + apart, last));
    long w2 = weights.panel(Math.min(panel + 2 * apart, last));
    long w3 = weights.panel(Math.min(panel + 3 * apart, last));
    switch (dtype) {
      case F32 -> MatVecF32.quad(w0, w1, w2, w3, k, input, out, bytes);
      case F16 -> {
        MatVecF16.pair(w0, w1, k, input, out, bytes);
        MatVecF16.pair(w2, w3, k, input, out + 2 * bytes, bytes);
      }
      case BF16 -> {
        MatVecBf16.pair(w0, w1, k, input, out, bytes);
        MatVecBf16.pair(w2, w3, k, input, out + 2 * bytes, bytes);
      }
      case Q8_0 -> MatVecQ8.quad(w0, w1, w2, w3, k, input, out, bytes);
      case Q4_0 -> {
        long scratch = pool.scratch(ScratchSlot.MATMUL_PANEL, MatVecQ4.SCRATCH);
        MatVecQ4.quad(w0, w1, w2, w3, k, quantised, scratch, out, bytes);
      }
      case F64, I64, I32, BOOL, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new AssertionError(dtype);
    }
  }
}
