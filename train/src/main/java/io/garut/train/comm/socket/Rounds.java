package io.garut.train.comm.socket;

import io.garut.train.comm.Piece;
import io.garut.train.comm.TreeSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/** A sum over what ranks send, a stretch at a time: it is added up while it is in the cache, and the next one is on its way. */
final class Rounds {
  /** Bytes of each rank; a multiple of every element. */
  private static final int STRETCH = 1 << 18;

  private final int rank;
  private final TreeSum tree;
  private final MemorySegment[] received; // a stretch of each other rank
  private Piece own;
  private Piece sum;
  private long start;

  Rounds(int rank, int size) {
    this.rank = rank;
    tree = new TreeSum(size);
    received = new MemorySegment[size];
  }

  /** Begins a sum. */
  void begin(Piece ofThisRank, Piece result) {
    own = ofThisRank;
    sum = result;
    start = 0;
  }

  boolean isDone() {
    return start == sum.bytes();
  }

  private long length() {
    return Math.min(STRETCH, sum.bytes() - start);
  }

  /** Where the stretch goes that a rank sends in this round. */
  List<ByteBuffer> of(int sender) {
    if (received[sender] == null) {
      received[sender] = Arena.ofAuto().allocate(STRETCH, Long.BYTES);
    }
    return List.of(received[sender].asSlice(0, length()).asByteBuffer());
  }

  /** Adds up this round, of the ranks that have something, and goes on to the next. */
  void add(BitSet present) {
    long end = start + length();
    long first = 0; // of the segment
    for (int i = 0; i < sum.segments().size(); i++) {
      MemorySegment segment = sum.segments().get(i);
      long low = Math.max(first, start);
      long high = Math.min(first + segment.byteSize(), end);
      if (low < high) {
        MemorySegment[] parts = new MemorySegment[received.length];
        for (int sender = present.nextSetBit(0); sender >= 0; sender = present.nextSetBit(sender + 1)) {
          parts[sender] = received[sender].asSlice(low - start, high - low);
        }
        if (!own.isAbsent()) {
          parts[rank] = own.segments().get(i).asSlice(low - first, high - low);
        }
        tree.add(sum.type(), segment.asSlice(low - first, high - low), parts);
      }
      first += segment.byteSize();
    }
    start = end;
  }
}
