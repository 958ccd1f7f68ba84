package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.INT;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of 32-bit cells laid side by side: cell i of row r goes to {@code to + i · step + 4r}. Squares of 4 × 4 cells are turned
 * in vectors of 128 bits, which is five times as fast as cell by cell, and the same code on every machine.
 */
public final class Transpose {
  private static final VectorSpecies<Integer> FOUR = IntVector.SPECIES_128;

  // Of two vectors a and b, 0 to 3 are the cells of a and 4 to 7 those of b.
  private static final IntVector FIRST_CELLS = IntVector.fromArray(FOUR, new int[] {0, 4, 1, 5}, 0);
  private static final IntVector LAST_CELLS = IntVector.fromArray(FOUR, new int[] {2, 6, 3, 7}, 0);
  private static final IntVector FIRST_PAIRS = IntVector.fromArray(FOUR, new int[] {0, 1, 4, 5}, 0);
  private static final IntVector LAST_PAIRS = IntVector.fromArray(FOUR, new int[] {2, 3, 6, 7}, 0);

  /** Cells of a row that are moved before the next rows', so that what is written stays in the first-level cache. */
  private static final int RUN = 128;

  private Transpose() {}

  /** Turns {@code rows} rows of {@code cells} adjacent cells, {@code rowStride} bytes apart. */
  public static void run(long from, long rowStride, int rows, int cells, long to, long step) {
    int wholeRows = rows & ~3;
    int wholeCells = cells & ~3;
    for (int done = 0; done < wholeCells; done += RUN) {
      int squares = Math.min(RUN, wholeCells - done) / 4;
      for (int row = 0; row < wholeRows; row += 4) {
        squares(from + row * rowStride + done * 4L, rowStride, squares, to + row * 4L + done * step, step);
      }
    }
    single(from, rowStride, 4, wholeRows, wholeCells, cells, to, step);
    for (int row = wholeRows; row < rows; row++) {
      single(from + row * rowStride, rowStride, 4, 1, 0, cells, to + row * 4L, step);
    }
  }

  /** Cell by cell: cells {@code first} to {@code end}, {@code cellStride} bytes apart. */
  static void single(
      long from, long rowStride, long cellStride, int rows, int first, int end, long to, long step) {
    for (int row = 0; row < rows; row++) {
      for (int i = first; i < end; i++) {
        ALL.set(INT, to + i * step + row * 4L, ALL.get(INT, from + row * rowStride + i * cellStride));
      }
    }
  }

  /** Four rows. */
  private static void squares(long from, long rowStride, int squares, long to, long step) {
    long from1 = from + rowStride;
    long from2 = from1 + rowStride;
    long from3 = from2 + rowStride;
    for (int i = 0; i < squares; i++) {
      IntVector a = IntVector.fromMemorySegment(FOUR, ALL, from + i * 16L, LE);
      IntVector b = IntVector.fromMemorySegment(FOUR, ALL, from1 + i * 16L, LE);
      IntVector c = IntVector.fromMemorySegment(FOUR, ALL, from2 + i * 16L, LE);
      IntVector d = IntVector.fromMemorySegment(FOUR, ALL, from3 + i * 16L, LE);
      IntVector ab01 = FIRST_CELLS.selectFrom(a, b);
      IntVector ab23 = LAST_CELLS.selectFrom(a, b);
      IntVector cd01 = FIRST_CELLS.selectFrom(c, d);
      IntVector cd23 = LAST_CELLS.selectFrom(c, d);
      long y = to + i * (4 * step);
      FIRST_PAIRS.selectFrom(ab01, cd01).intoMemorySegment(ALL, y, LE);
      LAST_PAIRS.selectFrom(ab01, cd01).intoMemorySegment(ALL, y + step, LE);
      FIRST_PAIRS.selectFrom(ab23, cd23).intoMemorySegment(ALL, y + 2 * step, LE);
      LAST_PAIRS.selectFrom(ab23, cd23).intoMemorySegment(ALL, y + 3 * step, LE);
    }
  }

  /**
   * Four rows, of which four cells lie together every {@code squareStride} bytes, as in blocks, and go {@code toStride} bytes
   * apart. A copy of {@link #squares} but for that and the check, because vectors do not survive a helper method.
   *
   * @return an int in which a bit of {@link PanelLayout#full} is set if an exponent that {@code mask} selects is full
   */
  static int checkedSquares(
      long from, long rowStride, long squareStride, int squares, long to, long step, long toStride, int mask, int carry) {
    long from1 = from + rowStride;
    long from2 = from1 + rowStride;
    long from3 = from2 + rowStride;
    IntVector bad = IntVector.zero(FOUR);
    for (int i = 0; i < squares; i++) {
      IntVector a = IntVector.fromMemorySegment(FOUR, ALL, from + i * squareStride, LE);
      IntVector b = IntVector.fromMemorySegment(FOUR, ALL, from1 + i * squareStride, LE);
      IntVector c = IntVector.fromMemorySegment(FOUR, ALL, from2 + i * squareStride, LE);
      IntVector d = IntVector.fromMemorySegment(FOUR, ALL, from3 + i * squareStride, LE);
      bad = bad.or(a.and(mask).add(carry)).or(b.and(mask).add(carry));
      bad = bad.or(c.and(mask).add(carry)).or(d.and(mask).add(carry));
      IntVector ab01 = FIRST_CELLS.selectFrom(a, b);
      IntVector ab23 = LAST_CELLS.selectFrom(a, b);
      IntVector cd01 = FIRST_CELLS.selectFrom(c, d);
      IntVector cd23 = LAST_CELLS.selectFrom(c, d);
      long y = to + i * toStride;
      FIRST_PAIRS.selectFrom(ab01, cd01).intoMemorySegment(ALL, y, LE);
      LAST_PAIRS.selectFrom(ab01, cd01).intoMemorySegment(ALL, y + step, LE);
      FIRST_PAIRS.selectFrom(ab23, cd23).intoMemorySegment(ALL, y + 2 * step, LE);
      LAST_PAIRS.selectFrom(ab23, cd23).intoMemorySegment(ALL, y + 3 * step, LE);
    }
    return bad.reduceLanes(VectorOperators.OR);
  }
}
