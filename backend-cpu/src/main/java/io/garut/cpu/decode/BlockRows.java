package io.garut.cpu.decode;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.tensor.DType;
import io.garut.tensor.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Decodes rows of a plain table in a block format without vectors, through arrays that each thread keeps: a row takes
 * no heap.
 */
final class BlockRows {
  private final ThreadLocal<byte[]> encoded;
  private final ThreadLocal<float[]> decoded;
  private final BlockFormat format;
  private final long from;
  private final int blocks;

  /** The table of {@code type} with rows of {@code width} elements at address {@code from}. */
  BlockRows(DType type, long from, int width) {
    this.format = BlockFormat.of(type);
    this.from = from;
    this.blocks = width / type.blockSize();
    int bytes = Operands.size(type.bytes(width));
    encoded = ThreadLocal.withInitial(() -> new byte[bytes]);
    decoded = ThreadLocal.withInitial(() -> new float[width]);
  }

  /** Writes row {@code row} as F32 to address {@code to}. */
  void read(long row, long to) {
    byte[] bytes = encoded.get();
    float[] floats = decoded.get();
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from + row * bytes.length, bytes, 0, bytes.length);
    format.decode(bytes, 0, floats, 0, blocks);
    MemorySegment.copy(floats, 0, ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, to, floats.length);
  }
}
