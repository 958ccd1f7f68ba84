package io.garut.train.comm.socket;

import io.garut.train.comm.Piece;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The memory of pieces as buffers: no copies, but for arrays of other things than bytes, which Java has no buffers for. */
final class Views {
  /** Of a buffer; Java copies one that lies in the heap at once. */
  private static final long LONGEST_NATIVE = 1 << 30;

  private static final long LONGEST_HEAP = 1 << 20;

  private Views() {}

  /** What is sent. */
  static List<ByteBuffer> of(Piece piece) {
    List<ByteBuffer> buffers = new ArrayList<>();
    piece.segments().forEach(segment -> add(hasBuffers(segment) ? segment : copy(segment), buffers));
    return buffers;
  }

  /** What is filled; {@code afterwards} gets what is to be done when it is full. */
  static List<ByteBuffer> of(Piece piece, List<Runnable> afterwards) {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (MemorySegment segment : piece.segments()) {
      MemorySegment filled = segment;
      if (!hasBuffers(segment)) {
        MemorySegment copy = copy(segment);
        afterwards.add(() -> segment.copyFrom(copy));
        filled = copy;
      }
      add(filled, buffers);
    }
    return buffers;
  }

  private static boolean hasBuffers(MemorySegment segment) {
    return segment.isNative() || segment.heapBase().orElse(null) instanceof byte[];
  }

  private static MemorySegment copy(MemorySegment segment) {
    return Arena.ofAuto().allocate(segment.byteSize(), Long.BYTES).copyFrom(segment);
  }

  private static void add(MemorySegment segment, List<ByteBuffer> buffers) {
    long longest = segment.isNative() ? LONGEST_NATIVE : LONGEST_HEAP;
    for (long start = 0; start < segment.byteSize(); start += longest) {
      buffers.add(segment.asSlice(start, Math.min(longest, segment.byteSize() - start)).asByteBuffer());
    }
  }
}
