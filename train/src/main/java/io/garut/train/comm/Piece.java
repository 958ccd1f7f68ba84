package io.garut.train.comm;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that goes to a rank, or is filled by one: segments that are sent one after the other from where they lie, and
 * received to where they belong. Sender and receiver cut it into the same segments, whose lengths are compared.
 *
 * <p>A rank that has nothing to send says so with {@link #ABSENT}, and the receiver is told; that is not the same as an
 * empty piece. The memory stays the caller's; it must be live until the operation returns, and no longer.
 */
public final class Piece {
  /** Nothing. */
  public static final Piece ABSENT = new Piece(DType.BOOL, List.of(), Layout.ABSENT);

  private final DType type;
  private final List<MemorySegment> segments;
  private final Layout layout;

  private Piece(DType type, List<MemorySegment> segments, Layout layout) {
    this.type = type;
    this.segments = segments;
    this.layout = layout;
  }

  /**
   * Elements of a type, none or more in each segment.
   *
   * @throws IllegalArgumentException if a segment ends inside an element
   */
  public static Piece of(DType type, List<MemorySegment> segments) {
    for (MemorySegment segment : segments) {
      if (segment.byteSize() % type.blockBytes() != 0) {
        throw new IllegalArgumentException(
            "a segment of " + segment.byteSize() + " bytes does not hold whole elements of " + type + ", "
                + type.blockBytes() + " bytes each");
      }
    }
    return new Piece(type, List.copyOf(segments), Layout.of(type, segments));
  }

  /** {@link #of(DType, List)}. */
  public static Piece of(DType type, MemorySegment... segments) {
    return of(type, List.of(segments));
  }

  /** Whether this is {@link #ABSENT}. */
  public boolean isAbsent() {
    return this == ABSENT;
  }

  /** What the elements are. */
  public DType type() {
    return type;
  }

  /** Where they lie. */
  public List<MemorySegment> segments() {
    return segments;
  }

  /** What has to be the same on both sides. */
  public Layout layout() {
    return layout;
  }

  /** The length of all segments. */
  public long bytes() {
    return layout.bytes();
  }

  /** The number of elements (of blocks, where the type has blocks). */
  public long elements() {
    return bytes() / type.blockBytes();
  }

  /**
   * Part {@code index} of {@code count}, which together are this piece and differ by at most one element; an absent
   * piece has absent parts.
   */
  public Piece part(int index, int count) {
    if (isAbsent()) {
      return this;
    }
    long low = boundary(index, count);
    long high = boundary(index + 1, count);
    List<MemorySegment> parts = new ArrayList<>();
    long start = 0;
    for (MemorySegment segment : segments) {
      long end = start + segment.byteSize();
      if (start < high && end > low) {
        long from = Math.max(low, start);
        parts.add(segment.asSlice(from - start, Math.min(high, end) - from));
      }
      start = end;
    }
    return new Piece(type, List.copyOf(parts), Layout.of(type, parts));
  }

  private long boundary(int index, int count) {
    return (elements() / count * index + Math.min(index, elements() % count)) * type.blockBytes();
  }

  /** Copies {@code from}, of the same layout, to here, but for segments that are the same memory. */
  void copy(Piece from) {
    for (int i = 0; i < segments.size(); i++) {
      MemorySegment source = from.segments.get(i);
      MemorySegment target = segments.get(i);
      if (!source.equals(target)) {
        MemorySegment.copy(source, 0, target, 0, target.byteSize());
      }
    }
  }

  @Override
  public String toString() {
    return layout.toString();
  }
}
