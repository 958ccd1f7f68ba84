package io.garut.cpu.layer;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.Operands;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.pointwise.HalfFloats;
import io.garut.cpu.reduction.Rows;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;

/**
 * Causal attention among tokens and against caches, fused: scores live in scratch memory, a block at a time for tiles
 * of queries, a row for single ones, so memory grows with the number of tokens and not with its square.
 *
 * <p>Consecutive tokens of one sequence make up a tile ({@link AttentionTile}); too few for one are computed singly
 * ({@link AttentionRow}). A unit of work is a tile or a token, and a head; which units there are depends on the
 * tokens only.
 */
final class AttentionKernel implements Kernel, WorkerPool.Task {
  /** Fewer tokens than this are faster one by one. */
  private static final int LEAST_TILE = AttentionTile.ROWS / 4;

  /** Keys that a tile works on at a time; their scores, and the keys of a small head, fit the first cache. */
  private static final int BLOCK = AttentionRow.BLOCK;

  /** Heads in scratch memory are padded to multiples of this, the lanes of the widest vector. */
  private static final int PAD = 16;

  /** Multiply-adds that are worth waking the workers. */
  private static final long WORTH_SHARING = 1 << 16;

  private final WorkerPool pool;
  private final Op op;
  private final float scale;
  private final long query;
  private final long keys;
  private final long values;
  private final long out;

  /** starts; or positions, and {@link #slots} */
  private final long limits;

  /** 0 where there are no caches. */
  private final long slots;

  private final boolean half;
  private final int tokens;
  private final int heads;
  private final int headsPerGroup;
  private final int size;
  private final int padded;

  /** Keys that a token can see at most. */
  private final int most;

  private final long slotCount;
  private final long slotStride;
  private final long groupStride;
  private final long keyStride;

  /** First token and number of tokens of each unit of the present run. */
  private final int[] firsts;

  private final int[] counts;
  private int units;

  private AttentionKernel(WorkerPool pool, Op op, float scale, Tensor[] in, Tensor result) {
    this.pool = pool;
    this.op = op;
    this.scale = scale;
    query = Operands.address(op, in[0]);
    keys = Operands.address(op, in[1]);
    values = Operands.address(op, in[2]);
    out = Operands.address(op, result);
    Shape q = in[0].shape();
    Shape k = in[1].shape();
    tokens = Operands.size(q.dim(0));
    heads = Operands.size(q.dim(1));
    size = Operands.size(q.dim(2));
    padded = Math.ceilDiv(size, PAD) * PAD;
    headsPerGroup = Operands.size(heads / k.dim(1));
    half = in[1].dtype() == DType.F16;
    long row = (half ? 2L : 4L) * size;
    boolean cached = k.rank() == 4;
    if (cached) {
      slots = Operands.address(op, in[3]);
      limits = Operands.address(op, in[4]);
      slotCount = k.dim(0);
      most = Operands.size(k.dim(2));
      keyStride = row;
      groupStride = row * most;
      slotStride = groupStride * k.dim(1);
    } else {
      slots = 0;
      limits = Operands.address(op, in[3]);
      slotCount = 1;
      most = tokens;
      keyStride = row * k.dim(1);
      groupStride = row;
      slotStride = 0;
    }
    firsts = new int[tokens];
    counts = new int[tokens];
  }

  static Kernel of(WorkerPool pool, Layer.Attention op, Tensor[] in, Tensor out) {
    return new AttentionKernel(pool, op, op.scale(), in, out);
  }

  static Kernel of(WorkerPool pool, Layer.CachedAttention op, Tensor[] in, Tensor out) {
    return new AttentionKernel(pool, op, op.scale(), in, out);
  }

  @Override
  public void run() {
    long work = divide() * size * heads;
    if (work < WORTH_SHARING) {
      for (int chunk = 0; chunk < units * heads; chunk++) {
        run(chunk);
      }
    } else {
      pool.run(this, units * heads);
    }
  }

  @Override
  public void run(int chunk) {
    int unit = chunk / heads;
    int head = chunk % heads;
    if (counts[unit] == 1) {
      row(firsts[unit], head);
    } else {
      tile(firsts[unit], counts[unit], head);
    }
  }

  /** Checks the tokens' limits and divides them into units; returns the number of keys seen, all tokens together. */
  private long divide() {
    units = 0;
    long seen = 0;
    int token = 0;
    while (token < tokens) {
      seen += check(token);
      int next = token + 1;
      while (next < tokens && next - token < AttentionTile.ROWS && follows(next)) {
        seen += check(next);
        next++;
      }
      boolean tile = next - token >= LEAST_TILE;
      for (int first = token; first < next; first += tile ? next - token : 1) {
        firsts[units] = first;
        counts[units] = tile ? next - token : 1;
        units++;
      }
      token = next;
    }
    return seen;
  }

  /** Whether {@code token} sees one key more than the one before it, of the same sequence. */
  private boolean follows(int token) {
    return slots == 0 || number(slots, token) == number(slots, token - 1) && end(token) == end(token - 1) + 1;
  }

  /** The number of keys that {@code token} sees. */
  private int check(int token) {
    if (slots == 0) {
      return token + 1 - Operands.index(op, "start", limits, token, token + 1L);
    }
    Operands.index(op, "slot", slots, token, slotCount);
    return Operands.index(op, "position", limits, token, most) + 1;
  }

  private int start(int token) {
    return slots == 0 ? number(limits, token) : 0;
  }

  private int end(int token) {
    return slots == 0 ? token : number(limits, token);
  }

  private static int number(long address, int i) {
    return ALL.get(Simd.INT, address + 4L * i);
  }

  /** Where key 0 of a token's sequence and a head's group lies, in bytes from the beginning. */
  private long place(int token, int head) {
    long slot = slots == 0 ? 0 : number(slots, token) * slotStride;
    return slot + head / headsPerGroup * groupStride;
  }

  /** Whether rows can be read where they lie. */
  private boolean direct() {
    return !half && padded == size;
  }

  private void row(int token, int head) {
    int first = start(token);
    int seen = end(token) + 1 - first;
    int whole = Math.ceilDiv(seen, PAD) * PAD;
    long q = pool.scratch(ScratchSlot.ATTENTION, 4L * (2L * padded + whole + (long) BLOCK * (padded + PAD)));
    long sums = q + 4L * padded;
    long scores = sums + 4L * padded;
    long lanes = scores + 4L * whole;
    long block = lanes + 4L * BLOCK * PAD;
    long key = place(token, head) + first * keyStride;
    if (!half || !rowOfHalves(token, head, key, seen, q, sums, scores, lanes)) {
      rowOfSingles(token, head, key, seen, q, sums, scores, lanes, block);
    }
  }

  private void rowOfSingles(
      int token, int head, long key, int seen, long q, long sums, long scores, long lanes, long block) {
    begin(token, head, 1, q, sums);
    int step = direct() ? seen : BLOCK;
    for (int s = 0; s < seen; s += step) {
      int now = Math.min(step, seen - s);
      long rows = rows(keys + key + s * keyStride, now, block);
      AttentionRow.scores(q, rows, stride(), padded, now, lanes, scores + 4L * s);
    }
    float weight = weigh(scores, seen);
    for (int s = 0; s < seen; s += step) {
      int now = Math.min(step, seen - s);
      long rows = rows(values + key + s * keyStride, now, block);
      AttentionRow.addValues(scores + 4L * s, rows, stride(), padded, now, sums);
    }
    finish(token, head, sums, 1, weight);
  }

  /** The quick way for keys and values in F16; false if they, or the query, have numbers that it cannot take. */
  private boolean rowOfHalves(
      int token, int head, long key, int seen, long q, long sums, long scores, long lanes) {
    if (padded != size || !begin(token, head, AttentionRowHalf.BEFORE, q, sums)) {
      return false;
    }
    if (!AttentionRowHalf.scores(q, keys + key, keyStride, size, seen, lanes, scores)) {
      return false;
    }
    float weight = weigh(scores, seen);
    if (!AttentionRowHalf.addValues(scores, values + key, keyStride, size, seen, sums)) {
      return false;
    }
    finish(token, head, sums, AttentionRowHalf.AFTER, weight);
    return true;
  }

  /** Writes the scaled query and sums of 0; returns whether the query is finite. */
  private boolean begin(int token, int head, float factor, long q, long sums) {
    long at = query + 4 * (token * (long) heads + head) * size;
    boolean finite = true;
    for (int i = 0; i < padded; i++) {
      float x = i < size ? ALL.get(Simd.FLOAT, at + 4L * i) * scale * factor : 0;
      finite &= Float.isFinite(x);
      ALL.set(Simd.FLOAT, q + 4L * i, x);
      ALL.set(Simd.FLOAT, sums + 4L * i, 0);
    }
    return finite;
  }

  /** Replaces scores by exp(score − maximum) and returns their sum. */
  private static float weigh(long scores, int seen) {
    int whole = Math.ceilDiv(seen, PAD) * PAD;
    for (int s = seen; s < whole; s++) {
      ALL.set(Simd.FLOAT, scores + 4L * s, Float.NEGATIVE_INFINITY);
    }
    return Rows.expSum(scores, Rows.max(scores, whole), scores, whole);
  }

  private void finish(int token, int head, long sums, float factor, float weight) {
    long at = out + 4 * (token * (long) heads + head) * size;
    for (int i = 0; i < size; i++) {
      ALL.set(Simd.FLOAT, at + 4L * i, ALL.get(Simd.FLOAT, sums + 4L * i) * factor / weight);
    }
  }

  private void tile(int token, int rows, int head) {
    int step = AttentionTile.STEP;
    long maxima = pool.scratch(
        ScratchSlot.ATTENTION, (5L + size + padded + BLOCK) * step + 4L * BLOCK * padded);
    long weights = maxima + step;
    long factors = weights + step;
    long starts = factors + step;
    long ends = starts + step;
    long q = ends + step;
    long sums = q + (long) size * step;
    long scores = sums + (long) padded * step;
    long block = scores + (long) BLOCK * step;
    int first = Integer.MAX_VALUE;
    int latestStart = 0;
    for (int row = 0; row < AttentionTile.ROWS; row++) {
      int mine = token + Math.min(row, rows - 1); // rows beyond the last are never read
      ALL.set(Simd.FLOAT, maxima + 4L * row, Float.NEGATIVE_INFINITY);
      ALL.set(Simd.FLOAT, weights + 4L * row, 0);
      ALL.set(Simd.INT, starts + 4L * row, start(mine));
      ALL.set(Simd.INT, ends + 4L * row, end(mine));
      first = Math.min(first, start(mine));
      latestStart = Math.max(latestStart, start(mine));
    }
    Lanes.clear(sums, 2 * padded);
    long stride = 4L * heads * size;
    long at = token * stride + 4L * head * size;
    AttentionTile.transposeQueries(query + at, stride, rows, size, scale, q);
    long key = place(token, head);
    int last = end(token + rows - 1);
    int earliestEnd = end(token);
    for (int s = first; s <= last; s += BLOCK) {
      int now = Math.min(BLOCK, last + 1 - s);
      AttentionTile.scores(q, rows(keys + key + s * keyStride, now, block), stride(), size, now, scores);
      if (s < latestStart || s + now - 1 > earliestEnd) {
        AttentionTile.mask(scores, s, now, starts, ends);
      }
      AttentionTile.softmax(scores, now, maxima, weights, factors, sums, padded);
      AttentionTile.addValues(scores, rows(values + key + s * keyStride, now, block), stride(), padded, now, sums);
    }
    AttentionTile.transposeResults(sums, weights, rows, size, out + at, stride);
    long bad = 0;
    for (int row = 0; row < rows; row++) {
      bad |= Float.isNaN(ALL.get(Simd.FLOAT, weights + 4L * row)) ? 1L << row : 0;
    }
    // A value that is not finite reaches every row of the tile, for 0·∞ is NaN: here only those that see it shall keep it.
    for (; bad != 0; bad &= bad - 1) {
      row(token + Long.numberOfTrailingZeros(bad), head);
    }
  }

  /** Bytes between the rows that {@link #rows} gives. */
  private long stride() {
    return direct() ? keyStride : 4L * padded;
  }

  /** The address of {@code count} rows as F32 with padded heads: where they lie, or decoded into {@code block}. */
  private long rows(long from, int count, long block) {
    if (direct()) {
      return from;
    }
    for (int s = 0; s < count; s++) {
      long to = block + 4L * padded * s;
      if (half) {
        HalfFloats.decodeF16(from + s * keyStride, to, size);
      } else {
        for (int i = 0; i < size; i++) {
          ALL.set(Simd.FLOAT, to + 4L * i, ALL.get(Simd.FLOAT, from + s * keyStride + 4L * i));
        }
      }
      for (int i = size; i < padded; i++) {
        ALL.set(Simd.FLOAT, to + 4L * i, 0);
      }
    }
    return block;
  }
}
