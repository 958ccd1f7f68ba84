package io.garut.cpu.matmul;

import static io.garut.cpu.matmul.Blocking.NR;

import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import java.lang.foreign.Arena;

/**
 * A constant weight W [N, K] in the panels that kernels read; see {@link PanelLayout}. It takes no more memory than the plain
 * weight but for N rounded up to 32 rows, loses nothing, and can be read back.
 */
public final class PackedWeights implements AutoCloseable {
  private final PanelLayout layout;
  private final int rows;
  private final int columns;
  private final long address;
  private final long bytes;
  private final long firstNonFinite;
  private final Arena arena;

  private PackedWeights(
      PanelLayout layout, int rows, int columns, long address, long bytes, long firstNonFinite, Arena arena) {
    this.layout = layout;
    this.rows = rows;
    this.columns = columns;
    this.address = address;
    this.bytes = bytes;
    this.firstNonFinite = firstNonFinite;
    this.arena = arena;
  }

  /** Whether weights of {@code dtype} can be packed: F32, F16, BF16, Q8_0 and Q4_0. */
  public static boolean supports(DType dtype) {
    return dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16 || dtype == DType.Q8_0 || dtype == DType.Q4_0;
  }

  /** The bytes that packing a weight takes. */
  public static long bytes(DType dtype, int rows, int columns) {
    return panels(rows) * PanelLayout.of(dtype).panelBytes(columns);
  }

  /**
   * Packs a plain row-major weight on all threads of {@code pool}; every element is looked at on the way.
   *
   * @param source the address of {@code dtype.bytes(rows · columns)} readable bytes
   * @throws IllegalArgumentException if kernels do not read {@code dtype}, or there are no rows or columns, or the columns of a
   *     block format are not a multiple of 32
   */
  public static PackedWeights pack(WorkerPool pool, DType dtype, int rows, int columns, long source) {
    PanelLayout layout = PanelLayout.of(dtype);
    if (rows < 1 || columns < 1 || columns % dtype.blockSize() != 0) {
      throw new IllegalArgumentException(
          "cannot pack a weight [" + rows + ", " + columns + "] of " + dtype + ": it needs at least one row, and columns in"
              + " multiples of " + dtype.blockSize());
    }
    long bytes = bytes(dtype, rows, columns);
    Arena arena = Arena.ofShared();
    try {
      long address = arena.allocate(bytes, 64).address();
      Packing packing = new Packing(layout, rows, columns, source, address);
      pool.run(packing, packing.chunks());
      return new PackedWeights(layout, rows, columns, address, bytes, packing.firstNonFinite(), arena);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** The element type. */
  public DType dtype() {
    return layout.dtype();
  }

  /** N, the outputs of the layer. */
  public int rows() {
    return rows;
  }

  /** K, its inputs. */
  public int columns() {
    return columns;
  }

  /** The address of the first panel; a multiple of 64. */
  public long address() {
    return address;
  }

  /** Bytes of all panels. */
  public long bytes() {
    return bytes;
  }

  /** Panels of 32 rows, the last one filled up with zeros. */
  public int panels() {
    return (int) panels(rows);
  }

  /** Bytes from one panel to the next. */
  public long panelBytes() {
    return layout.panelBytes(columns);
  }

  /** The address of panel {@code panel}. */
  long panel(int panel) {
    return address + panel * panelBytes();
  }

  PanelLayout layout() {
    return layout;
  }

  /**
   * The row-major index of the first element that is infinite or NaN, in a block format the first of the block whose scale
   * is; −1 if there is none.
   */
  public long firstNonFinite() {
    return firstNonFinite;
  }

  /** Decodes row {@code row} to {@code columns} floats at {@code target}, as an embedding that shares this weight needs it. */
  public void readRow(int row, long target) {
    assert row >= 0 && row < rows : row;
    Unpacking.decodeRow(this, row, target);
  }

  /** Writes the plain row-major weight to {@code target}, bit for bit the one that was packed. */
  public void unpack(WorkerPool pool, long target) {
    Unpacking unpacking = new Unpacking(this, target);
    pool.run(unpacking, panels());
  }

  /** Frees the panels. */
  @Override
  public void close() {
    arena.close();
  }

  private static long panels(int rows) {
    return (rows + NR - 1L) / NR;
  }
}
