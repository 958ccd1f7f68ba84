package io.garut.cpu.reduction;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.ScratchSlot;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.spi.Kernel;

/**
 * Folds rows of F32. A row is cut into blocks of {@value #BLOCK} elements, folded by {@link Folds}; the blocks'
 * results are put together in double precision, one after another. So a sum depends on the length of the row only.
 */
final class RowReduceKernel implements Kernel, WorkerPool.Task {
  private static final int BLOCK = 4096;

  /** Blocks that are worth a chunk. */
  private static final int SHARE = 8;

  private final WorkerPool pool;
  private final Fold fold;
  private final long from;
  private final long to;
  private final long rows;
  private final long width;
  private final long blocksPerRow;
  private final long blocksPerChunk;
  private final int chunks;

  /** The blocks' results: in scratch memory of the thread that runs, or in place where a row is one block. */
  private long parts;

  RowReduceKernel(WorkerPool pool, Fold fold, long from, long to, long rows, long width) {
    this.pool = pool;
    this.fold = fold;
    this.from = from;
    this.to = to;
    this.rows = rows;
    this.width = width;
    blocksPerRow = Math.ceilDiv(width, (long) BLOCK);
    long blocks = rows * blocksPerRow;
    long small = Math.max(1, BLOCK / width); // of short rows, more make a block's worth of work
    blocksPerChunk = Math.max(SHARE * small, Math.ceilDiv(blocks, 1024L));
    chunks = Math.toIntExact(Math.ceilDiv(blocks, blocksPerChunk));
  }

  @Override
  public void run() {
    parts = blocksPerRow == 1 ? to : pool.scratch(ScratchSlot.ROWS, 4 * rows * blocksPerRow);
    pool.run(this, chunks);
    for (long row = 0; row < rows; row++) {
      double all = part(row * blocksPerRow);
      for (long block = 1; block < blocksPerRow; block++) {
        double next = part(row * blocksPerRow + block);
        all =
            switch (fold) {
              case SUM, MEAN -> all + next;
              case MAX -> Math.max(all, next);
              case MIN -> Math.min(all, next);
              case PROD, ANY, ALL -> throw new AssertionError(fold);
            };
      }
      ALL.set(Simd.FLOAT, to + 4 * row, (float) (fold == Fold.MEAN ? all / width : all));
    }
  }

  private double part(long block) {
    return ALL.get(Simd.FLOAT, parts + 4 * block);
  }

  @Override
  public void run(int chunk) {
    long first = chunk * blocksPerChunk;
    long end = Math.min(rows * blocksPerRow, first + blocksPerChunk);
    long quarter = (end - first) / 4;
    long done = first;
    if (quarter > 0 && width % BLOCK == 0 && (fold == Fold.SUM || fold == Fold.MEAN)) { // blocks then lie side by side
      for (; done < first + quarter; done++) {
        Folds.sums(from + 4 * BLOCK * done, 4 * BLOCK * quarter, BLOCK, parts + 4 * done, 4 * quarter);
      }
      done = first + 4 * quarter;
    }
    for (; done < end; done++) {
      block(done);
    }
  }

  private void block(long block) {
    long begin = block % blocksPerRow * BLOCK;
    long at = from + 4 * (block / blocksPerRow * width + begin);
    int count = (int) Math.min(BLOCK, width - begin);
    float part =
        switch (fold) {
          case SUM, MEAN -> Folds.sum(at, count);
          case MAX -> Folds.max(at, count);
          case MIN -> Folds.min(at, count);
          case PROD, ANY, ALL -> throw new AssertionError(fold);
        };
    ALL.set(Simd.FLOAT, parts + 4 * block, part);
  }
}
