package io.garut.train.comm;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What must be the same of a piece where it is sent and where it is received.
 *
 * @param type of the elements
 * @param bytes in all
 * @param segments how many; −1 for an absent piece
 * @param checksum CRC-32C of the segments' lengths
 */
public record Layout(DType type, long bytes, int segments, int checksum) {
  /** Of a piece that is not there. */
  public static final Layout ABSENT = new Layout(DType.BOOL, 0, -1, 0);

  static Layout of(DType type, List<MemorySegment> segments) {
    CRC32C checksum = new CRC32C();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES);
    long bytes = 0;
    for (MemorySegment segment : segments) {
      checksum.update(length.clear().putLong(segment.byteSize()).flip());
      bytes += segment.byteSize();
    }
    return new Layout(type, bytes, segments.size(), (int) checksum.getValue());
  }

  /** Whether there is no piece. */
  public boolean isAbsent() {
    return segments < 0;
  }

  /** Such as {@code 4,096 bytes of F32 in 2 segments}. */
  @Override
  public String toString() {
    return isAbsent()
        ? "nothing"
        : String.format(Locale.ROOT, "%,d bytes of %s in %d segment%s", bytes, type, segments, segments == 1 ? "" : "s");
  }
}
