package io.garut.cpu.layer;

import static io.garut.cpu.layer.AttentionBackwardTile.ROWS;
import static io.garut.cpu.layer.AttentionBackwardTile.STEP;
import static io.garut.cpu.layer.AttentionBackwardTile.STRIP;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Lanes;
import io.garut.cpu.Operands;
import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.matmul.Transpose;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * What flows back through causal attention, F32. A tile of queries computes its scores s = q·k and the slopes t = dy·v of all
 * keys that it sees, from these the probabilities p and ds = p(t − Σ p·t), and adds ds·k to dq, ds·q to dk and p·dy to dv.
 * Scores are never kept beyond their tile (Dao et al., "FlashAttention", 2022), so memory grows with the number of tokens.
 *
 * <p>A unit of work is a run of tokens that see none before it and are seen by none after it, a sequence, and a group of
 * heads with the same keys: nobody else adds to its dk and dv, which it does tile after tile. What is not finite may reach
 * any gradient of its sequence and group, since 0·∞ is NaN, and none of another.
 */
final class AttentionBackwardKernel implements Kernel, WorkerPool.Task {
  /** Keys that are worked on at a time, whole strips; with the scores of a tile they fit the first cache. */
  private static final int BLOCK = 10 * STRIP;

  /** Multiply-adds that are worth waking the workers. */
  private static final long WORTH_SHARING = 1 << 16;

  private final WorkerPool pool;
  private final Backward.Attention op;
  private final long query;
  private final long keys;
  private final long values;
  private final long starts;
  private final long dy;
  private final long dq;
  private final long dk;
  private final long dv;
  private final int tokens;
  private final int heads;
  private final int groups;
  private final int size;

  /** Bytes of a key in scratch memory, in whole strips. */
  private final long keyBytes;

  /** Features in pieces of {@link AttentionBackwardTile#ROWS}. */
  private final int pieces;

  /** First token of each sequence of the present run, the last one first. */
  private final int[] firsts;

  /** Bytes of what does not grow with a sequence: rows of a tile, and its queries and their slopes in both layouts. */
  private final long sharedBytes;

  private int sequences;

  AttentionBackwardKernel(WorkerPool pool, Backward.Attention op, Tensor[] in, Tensor[] out) {
    this.pool = pool;
    this.op = op;
    query = Operands.address(op, in[0]);
    keys = Operands.address(op, in[1]);
    values = Operands.address(op, in[2]);
    starts = Operands.address(op, in[3]);
    dy = Operands.address(op, in[4]);
    dq = Operands.address(op, out[0]);
    dk = Operands.address(op, out[1]);
    dv = Operands.address(op, out[2]);
    Shape shape = in[0].shape();
    tokens = Operands.size(shape.dim(0));
    heads = Operands.size(shape.dim(1));
    size = Operands.size(shape.dim(2));
    groups = Operands.size(in[1].shape().dim(1));
    keyBytes = 4L * whole(size);
    pieces = Math.ceilDiv(size, ROWS);
    firsts = new int[tokens];
    sharedBytes = (6 + 3L * whole(size) + 2L * pieces * ROWS) * STEP;
  }

  private static int whole(int count) {
    return Math.ceilDiv(count, STRIP) * STRIP;
  }

  @Override
  public void run() {
    long work = divide() * size * heads;
    if (work < WORTH_SHARING) {
      for (int chunk = 0; chunk < sequences * groups; chunk++) {
        run(chunk);
      }
    } else {
      pool.run(this, sequences * groups);
    }
  }

  /** Checks the starts and finds the sequences; returns the number of keys seen, all tokens together. */
  private long divide() {
    sequences = 0;
    long seen = 0;
    int least = tokens;
    for (int token = tokens - 1; token >= 0; token--) {
      int start = Operands.index(op, "start", starts, token, token + 1L);
      seen += token + 1 - start;
      least = Math.min(least, start);
      if (least == token) { // this token and those after it see none before it
        firsts[sequences] = token;
        sequences++;
      }
    }
    return seen;
  }

  @Override
  public void run(int chunk) {
    int sequence = chunk / groups;
    int first = firsts[sequence];
    int count = (sequence == 0 ? tokens : firsts[sequence - 1]) - first;
    int group = chunk % groups;
    long room = whole(count) + (long) STRIP; // a tile's last strip of keys may begin anywhere
    long base = pool.scratch(ScratchSlot.ATTENTION, sharedBytes + room * (2 * keyBytes + 2L * (pieces + 1) * STEP));
    long key = base + sharedBytes;
    long value = key + room * keyBytes;
    long keySums = value + room * keyBytes;
    long valueSums = keySums + pieces * room * STEP;
    long scores = valueSums + pieces * room * STEP;
    long at = 4L * group * size;
    long stride = 4L * groups * size;
    read(keys + first * stride + at, stride, count, room, key);
    read(values + first * stride + at, stride, count, room, value);
    Lanes.clear(keySums, Math.toIntExact(4L * pieces * room));
    int headsPerGroup = heads / groups;
    for (int head = group * headsPerGroup; head < (group + 1) * headsPerGroup; head++) {
      for (int token = first; token < first + count; token += ROWS) {
        int rows = Math.min(ROWS, first + count - token);
        tile(base, first, room, token, rows, head, key, value, keySums, valueSums, scores);
      }
    }
    write(keySums, room, count, dk + first * stride + at, stride);
    write(valueSums, room, count, dv + first * stride + at, stride);
  }

  /** Copies {@code count} rows of a head one after another, padded with zeros to {@code room} of them in whole strips. */
  private void read(long from, long stride, int count, long room, long to) {
    ALL.asSlice(to, room * keyBytes).fill((byte) 0);
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(ALL, from + i * stride, ALL, to + i * keyBytes, 4L * size);
    }
  }

  /** Copies sums, which lie in pieces of features, to {@code count} rows. */
  private void write(long sums, long room, int count, long to, long stride) {
    for (int piece = 0; piece < pieces; piece++) {
      long bytes = 4L * Math.min(ROWS, size - piece * ROWS);
      for (int i = 0; i < count; i++) {
        long from = sums + (piece * room + i) * STEP;
        MemorySegment.copy(ALL, from, ALL, to + i * stride + (long) piece * STEP, bytes);
      }
    }
  }

  /** The queries {@code token} to {@code token + rows − 1}, of a sequence that begins with token {@code origin}. */
  private void tile(
      long base,
      int origin,
      long room,
      int token,
      int rows,
      int head,
      long key,
      long value,
      long keySums,
      long valueSums,
      long scores) {
    long maxima = base;
    long weights = maxima + STEP;
    long dots = weights + STEP;
    long from = dots + STEP;
    long until = from + STEP;
    long zeros = until + STEP;
    long queries = zeros + STEP;
    long upstream = queries + whole(size) * (long) STEP;
    long sums = upstream + whole(size) * (long) STEP;
    long queryRows = sums + whole(size) * (long) STEP;
    long upstreamRows = queryRows + (long) pieces * ROWS * STEP;
    long slopes = scores + room * STEP;
    int first = Integer.MAX_VALUE;
    int latestStart = 0;
    for (int row = 0; row < ROWS; row++) {
      int mine = token + Math.min(row, rows - 1); // rows beyond the last are zeros and add nothing
      int start = ALL.get(Simd.INT, starts + 4L * mine);
      ALL.set(Simd.FLOAT, maxima + 4L * row, Float.NEGATIVE_INFINITY);
      ALL.set(Simd.INT, from + 4L * row, start);
      ALL.set(Simd.INT, until + 4L * row, mine);
      first = Math.min(first, start);
      latestStart = Math.max(latestStart, start);
    }
    Lanes.clear(weights, 4);
    Lanes.clear(zeros, 2 * (1 + 3 * whole(size) + 2 * pieces * ROWS));
    long stride = 4L * heads * size;
    long at = token * stride + 4L * head * size;
    turn(query + at, stride, rows, queries, queryRows);
    turn(dy + at, stride, rows, upstream, upstreamRows);
    AttentionBackwardTile.scale(queries, 2 * size, op.scale());
    AttentionBackwardTile.scale(queryRows, 2 * pieces * ROWS, op.scale());
    int skipped = first - origin;
    long mine = key + skipped * keyBytes;
    int seen = token + rows - first;
    for (int s = 0; s < seen; s += BLOCK) {
      int now = whole(Math.min(BLOCK, seen - s));
      long to = s * (long) STEP;
      AttentionBackwardTile.multiply(mine + s * keyBytes, keyBytes, 4, now, queries, size, zeros, scores + to);
      long theirs = value + (skipped + s) * keyBytes;
      AttentionBackwardTile.multiply(theirs, keyBytes, 4, now, upstream, size, zeros, slopes + to);
      if (first + s < latestStart || first + s + now - 1 > token) {
        AttentionBackwardTile.mask(scores + to, first + s, now, from, until);
      }
      AttentionBackwardTile.raise(scores + to, now, maxima);
    }
    for (int s = 0; s < seen; s += BLOCK) {
      int now = whole(Math.min(BLOCK, seen - s));
      long to = s * (long) STEP;
      AttentionBackwardTile.weigh(scores + to, slopes + to, now, maxima, weights, dots);
    }
    for (int s = 0; s < seen; s += BLOCK) {
      int now = whole(Math.min(BLOCK, seen - s));
      long to = s * (long) STEP;
      AttentionBackwardTile.settle(scores + to, slopes + to, now, weights, dots);
      AttentionBackwardTile.add(mine + s * keyBytes, 4, keyBytes, whole(size), slopes + to, now, sums);
      for (int piece = 0; piece < pieces; piece++) {
        long place = (piece * room + skipped + s) * STEP;
        long rowsAt = (long) piece * ROWS * STEP;
        AttentionBackwardTile.add(scores + to, STEP, 4, now, upstreamRows + rowsAt, ROWS, valueSums + place);
        AttentionBackwardTile.add(slopes + to, STEP, 4, now, queryRows + rowsAt, ROWS, keySums + place);
      }
    }
    AttentionBackwardTile.scale(sums, 2 * size, op.scale());
    Transpose.run(sums, STEP, size, rows, dq + at, stride);
  }

  /** Writes rows of a head in both layouts: [size, ROWS], and [ROWS, ROWS] for each piece of features. */
  private void turn(long from, long stride, int rows, long columns, long pieced) {
    Transpose.run(from, stride, rows, size, columns, STEP);
    for (int piece = 0; piece < pieces; piece++) {
      long bytes = 4L * Math.min(ROWS, size - piece * ROWS);
      for (int row = 0; row < rows; row++) {
        long source = from + row * stride + (long) piece * STEP;
        MemorySegment.copy(ALL, source, ALL, pieced + (piece * (long) ROWS + row) * STEP, bytes);
      }
    }
  }
}
