package io.garut.cpu.product;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.decode.RowDecoder;
import io.garut.cpu.matmul.Gemm;
import io.garut.tensor.DType;
import io.garut.tensor.spi.Kernel;

/**
 * Rows x [M, K] times a plain weight [N, K] of any type. What is not F32 is decoded a group of the weight's rows at a
 * time, by all threads, and multiplied as F32.
 */
final class PlainProduct implements Kernel, WorkerPool.Task {
  /** Bytes of decoded rows: they should stay in the last cache. */
  private static final long GROUP_BYTES = 4 << 20;

  /** Rows that are decoded in a chunk. */
  private static final int CHUNK = 16;

  private final WorkerPool pool;
  private final Gemm gemm;
  private final RowDecoder decoder;
  private final long weight;
  private final int results;
  private final int width;
  private final long x;
  private final int rows;
  private final long y;
  private final int group;

  /** The group that is being decoded: its first row, its length, where it goes. */
  private int first;

  private int count;
  private long decoded;

  PlainProduct(WorkerPool pool, DType type, long weight, int results, int width, long x, int rows, long y) {
    this.pool = pool;
    this.gemm = new Gemm(pool);
    this.decoder = type == DType.F32 ? null : new RowDecoder(type, weight, width);
    this.weight = weight;
    this.results = results;
    this.width = width;
    this.x = x;
    this.rows = rows;
    this.y = y;
    this.group = (int) Math.clamp(GROUP_BYTES / (4L * width) / 32 * 32, 32L, Math.max(32L, results));
  }

  @Override
  public void run() {
    if (decoder == null) {
      gemm.run(false, true, rows, results, width, x, width, weight, width, y, results, false);
      return;
    }
    decoded = pool.scratch(ScratchSlot.ROWS, 4L * group * width);
    for (first = 0; first < results; first += group) {
      count = Math.min(group, results - first);
      pool.run(this, Math.ceilDiv(count, CHUNK));
      gemm.run(false, true, rows, count, width, x, width, decoded, width, y + 4L * first, results, false);
    }
  }

  @Override
  public void run(int chunk) {
    int end = Math.min(count, (chunk + 1) * CHUNK);
    for (int row = chunk * CHUNK; row < end; row++) {
      decoder.decode(first + row, decoded + 4L * row * width);
    }
  }
}
