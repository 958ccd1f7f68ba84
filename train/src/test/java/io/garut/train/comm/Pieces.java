package io.garut.train.comm;

import io.garut.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pieces of memory to send and receive, and what is in them. */
final class Pieces {
  private Pieces() {}

  /** Zeros. */
  static Piece floats(long... lengths) {
    return empty(DType.F32, lengths);
  }

  static Piece empty(DType type, long... lengths) {
    List<MemorySegment> segments = new ArrayList<>();
    for (long length : lengths) {
      segments.add(Arena.ofAuto().allocate(length * type.blockBytes(), 8));
    }
    return Piece.of(type, segments);
  }

  /** Numbers of very different sizes, so that an order of summing shows in the bits. */
  static Piece random(long seed, DType type, long... lengths) {
    Piece piece = empty(type, lengths);
    SplittableRandom random = new SplittableRandom(seed);
    for (MemorySegment segment : piece.segments()) {
      for (long i = 0; i < segment.byteSize() / type.blockBytes(); i++) {
        double value = Math.scalb(random.nextDouble() - 0.5, random.nextInt(20));
        if (type == DType.F32) {
          segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
        } else {
          segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
        }
      }
    }
    return piece;
  }

  static Piece random(long seed, long... lengths) {
    return random(seed, DType.F32, lengths);
  }

  /** All bytes, one after the other. */
  static byte[] bytes(Piece piece) {
    MemorySegment all = MemorySegment.ofArray(new byte[(int) piece.bytes()]);
    long start = 0;
    for (MemorySegment segment : piece.segments()) {
      MemorySegment.copy(segment, 0, all, start, segment.byteSize());
      start += segment.byteSize();
    }
    return (byte[]) all.heapBase().orElseThrow();
  }

  /** What {@link TreeSum} is to compute, by a plain recursion over elements; null if all are absent. */
  static byte[] sum(List<Piece> ofRank) {
    List<Piece> present = ofRank.stream().filter(piece -> !piece.isAbsent()).toList();
    if (present.isEmpty()) {
      return null;
    }
    Piece sum = empty(present.getFirst().type(), present.getFirst().elements());
    List<MemorySegment> flat =
        ofRank.stream().map(piece -> piece.isAbsent() ? null : MemorySegment.ofArray(bytes(piece))).toList();
    for (long i = 0; i < sum.elements(); i++) {
      if (sum.type() == DType.F32) {
        sum.segments().getFirst().setAtIndex(ValueLayout.JAVA_FLOAT, i, floatSum(flat, i));
      } else {
        sum.segments().getFirst().setAtIndex(ValueLayout.JAVA_DOUBLE, i, doubleSum(flat, i));
      }
    }
    return bytes(sum);
  }

  private static Float floatSum(List<MemorySegment> of, long i) {
    if (of.size() == 1) {
      return of.getFirst() == null ? null : Float.valueOf(of.getFirst().get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * 4));
    }
    int left = Integer.highestOneBit(of.size() - 1);
    Float a = floatSum(of.subList(0, left), i);
    Float b = floatSum(of.subList(left, of.size()), i);
    return a == null ? b : b == null ? a : Float.valueOf(a + b);
  }

  private static Double doubleSum(List<MemorySegment> of, long i) {
    if (of.size() == 1) {
      return of.getFirst() == null ? null : Double.valueOf(of.getFirst().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * 8));
    }
    int left = Integer.highestOneBit(of.size() - 1);
    Double a = doubleSum(of.subList(0, left), i);
    Double b = doubleSum(of.subList(left, of.size()), i);
    return a == null ? b : b == null ? a : Double.valueOf(a + b);
  }
}
