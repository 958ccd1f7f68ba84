package io.garut.cpu.indexing;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.PackedStorage;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.decode.RowDecoder;
import io.garut.cpu.matmul.PackedWeights;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;

/** Rows of a table, plain or prepared, decoded; a unit is a row. */
final class EmbeddingKernel extends RangeKernel {
  /** Writes a row of the table to an address. */
  @FunctionalInterface
  private interface RowReader {
    void read(long row, long to);
  }

  private final Indices ids;
  private final RowReader reader;
  private final long to;
  private final long bytes;

  private EmbeddingKernel(WorkerPool pool, Indices ids, RowReader reader, Tensor out, long to) {
    super(pool, out.elements() / out.shape().last(), 2 * out.shape().last());
    this.ids = ids;
    this.reader = reader;
    this.to = to;
    this.bytes = out.dtype().bytes(out.shape().last());
  }

  static Kernel of(WorkerPool pool, Indexing.Embedding op, Tensor[] in, Tensor out) {
    RowReader reader = reader(op, in[0]);
    return new EmbeddingKernel(pool, new Indices(op, in[1], in[0], 0), reader, out, Operands.address(op, out));
  }

  private static RowReader reader(Indexing.Embedding op, Tensor table) {
    if (table.storage() instanceof PackedStorage packed) {
      PackedWeights weights = packed.weights();
      return (row, target) -> weights.readRow((int) row, target);
    }
    long from = Operands.address(op, table);
    long bytes = table.dtype().bytes(table.shape().last());
    return table.dtype() == DType.F64
        ? (row, target) -> MemorySegment.copy(ALL, from + row * bytes, ALL, target, bytes)
        : new RowDecoder(table.dtype(), from, Operands.size(table.shape().last()))::decode;
  }

  @Override
  protected void range(long first, long end) {
    for (long unit = first; unit < end; unit++) {
      reader.read(ids.at(unit), to + unit * bytes);
    }
  }
}
