package io.garut.tensor.io.file;

import io.garut.tensor.io.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;

/** Reads a file from front to back, little-endian, through a buffer. */
public final class ByteCursor {
  private static final int BUFFER = 1 << 16;

  private final FileBytes file;
  private final byte[] bytes = new byte[BUFFER];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** Where in the file the buffer begins. */
  private long start;

  /** At the file's first byte. */
  public ByteCursor(FileBytes file) {
    this.file = file;
  }

  /** Where the next byte comes from. */
  public long position() {
    return start + buffer.position();
  }

  /** The bytes that follow. */
  public long remaining() {
    return file.size() - position();
  }

  /** The next byte, unsigned. */
  public int u8(String place) throws CheckpointException {
    return Byte.toUnsignedInt(buffered(place, 1).get());
  }

  /** The next 2 bytes, unsigned. */
  public int u16(String place) throws CheckpointException {
    return Short.toUnsignedInt(buffered(place, 2).getShort());
  }

  /** The next 4 bytes. */
  public int i32(String place) throws CheckpointException {
    return buffered(place, 4).getInt();
  }

  /** The next 8 bytes. */
  public long i64(String place) throws CheckpointException {
    return buffered(place, 8).getLong();
  }

  /**
   * The next {@code length} bytes as UTF-8.
   *
   * @throws CheckpointException if the file ends before them, or they are not UTF-8
   */
  public String text(String place, long length) throws CheckpointException {
    if (length < 0 || length > remaining() || length > Integer.MAX_VALUE - 8) {
      throw file.damaged(
          place,
          "claims a string of " + Long.toUnsignedString(length) + " bytes at " + position() + ", where " + remaining()
              + " are left");
    }
    try {
      if (length <= BUFFER) {
        ByteBuffer ready = buffered(place, (int) length);
        String text = Utf8.decode(bytes, ready.position(), (int) length);
        ready.position(ready.position() + (int) length);
        return text;
      }
      byte[] large = file.read(place, position(), (int) length);
      start = position() + length;
      buffer.position(0).limit(0);
      return Utf8.decode(large, 0, large.length);
    } catch (CharacterCodingException e) {
      throw (CheckpointException) file.damaged(place, "holds a string that is not UTF-8").initCause(e);
    }
  }

  private ByteBuffer buffered(String place, int length) throws CheckpointException {
    if (buffer.remaining() < length) {
      long from = position();
      int now = (int) Math.min(BUFFER, file.size() - from);
      if (now < length) {
        throw file.damaged(place, "the file ends at byte " + file.size() + ", in the middle of it (truncated?)");
      }
      file.read(place, from, bytes, now);
      start = from;
      buffer.position(0).limit(now);
    }
    return buffer;
  }
}
