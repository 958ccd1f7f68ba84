package io.garut.tensor.io.torch;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.Utf8;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The central directory of a zip archive whose entries are stored, not compressed, so that they can be mapped where
 * they lie.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE, sections 4.3.6 to 4.5.3</a>
 */
final class ZipDirectory {
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;

  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int END_64_BYTES = 56;
  private static final int LOCATOR_64_BYTES = 20;
  private static final int MOST_COMMENT_BYTES = 0xffff;
  private static final int EXTRA_64 = 1;
  private static final int ENCRYPTED = 1;
  private static final long IN_EXTRA = 0xffff_ffffL;

  /** A thousand times what the largest model takes. */
  private static final int MOST_DIRECTORY_BYTES = 64 << 20;

  private static final String PLACE = "zip directory";

  private final FileBytes file;
  private final Map<String, Member> members = new LinkedHashMap<>();

  /** Where the directory begins: data end before it. */
  private long directoryOffset;

  /** One file of the archive. */
  record Member(String name, long headerOffset, long size, boolean stored, boolean encrypted) {}

  private ZipDirectory(FileBytes file) {
    this.file = file;
  }

  /**
   * Reads the directory of {@code file}.
   *
   * @throws CheckpointException if it is not a whole archive
   */
  static ZipDirectory read(FileBytes file) throws CheckpointException {
    ZipDirectory directory = new ZipDirectory(file);
    directory.read();
    return directory;
  }

  /** The members by name, in the directory's order. */
  Map<String, Member> members() {
    return members;
  }

  /**
   * Where the data of {@code member} begin in the file.
   *
   * @throws CheckpointException if they are compressed or encrypted, or not inside the file
   */
  long dataOffset(Member member) throws CheckpointException {
    String place = "zip member " + CheckpointException.quote(member.name());
    if (!member.stored() || member.encrypted()) {
      throw file.refused(
          place,
          member.encrypted() ? "is encrypted" : "is compressed, so that it cannot be mapped",
          "save the model with torch.save, which stores it as it is");
    }
    ByteBuffer local = bytes(place, member.headerOffset(), LOCAL_BYTES);
    if (local.getInt(0) != LOCAL) {
      throw file.damaged(place, "has no local header at " + member.headerOffset());
    }
    long offset = member.headerOffset() + LOCAL_BYTES + u16(local, 26) + u16(local, 28);
    if (offset > directoryOffset - member.size()) {
      throw file.damaged(place, "reaches into the directory");
    }
    return offset;
  }

  private void read() throws CheckpointException {
    long end = findEnd();
    ByteBuffer record = bytes(PLACE, end, END_BYTES);
    long count = u16(record, 10);
    long size = u32(record, 12);
    long offset = u32(record, 16);
    long directoryEnd = end;
    if (count == 0xffff || size == IN_EXTRA || offset == IN_EXTRA) {
      ByteBuffer locator = bytes(PLACE, end - LOCATOR_64_BYTES, LOCATOR_64_BYTES);
      if (locator.getInt(0) != LOCATOR_64) {
        throw file.damaged(PLACE, "needs a zip64 locator, which is missing");
      }
      directoryEnd = locator.getLong(8);
      ByteBuffer record64 = bytes(PLACE, directoryEnd, END_64_BYTES);
      if (record64.getInt(0) != END_64) {
        throw file.damaged(PLACE, "has no zip64 end record at " + directoryEnd);
      }
      count = record64.getLong(32);
      size = record64.getLong(40);
      offset = record64.getLong(48);
    }
    if (size < 0 || offset < 0 || offset > directoryEnd - size) {
      throw file.damaged(PLACE, "claims " + size + " bytes at " + offset + ", which are not before its end record");
    }
    if (size > MOST_DIRECTORY_BYTES || count < 0 || count > size / CENTRAL_BYTES) {
      throw file.damaged(PLACE, "claims " + count + " members in " + size + " bytes");
    }
    directoryOffset = offset;
    readMembers(bytes(PLACE, offset, (int) size), (int) count);
  }

  /** The end record is the last thing in the file but for a comment, whose length it states. */
  private long findEnd() throws CheckpointException {
    int length = (int) Math.min(file.size(), END_BYTES + MOST_COMMENT_BYTES);
    long start = file.size() - length;
    ByteBuffer tail = bytes(PLACE, start, length);
    for (int at = length - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END && u16(tail, at + 20) == length - END_BYTES - at) {
        return start + at;
      }
    }
    throw file.damaged(PLACE, "is missing at the end of the file (truncated?)");
  }

  private void readMembers(ByteBuffer directory, int count) throws CheckpointException {
    int at = 0;
    for (int i = 0; i < count; i++) {
      if (at > directory.limit() - CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
        throw file.damaged(PLACE, "member " + i + " of " + count + " is not where it should be");
      }
      int nameLength = u16(directory, at + 28);
      int extraLength = u16(directory, at + 30);
      int next = at + CENTRAL_BYTES + nameLength + extraLength + u16(directory, at + 32);
      if (next > directory.limit()) {
        throw file.damaged(PLACE, "member " + i + " of " + count + " reaches past the directory's end");
      }
      Member member = member(directory, at, nameLength, extraLength);
      if (members.put(member.name(), member) != null) {
        throw file.damaged(PLACE, "names " + CheckpointException.quote(member.name()) + " twice");
      }
      at = next;
    }
  }

  private Member member(ByteBuffer directory, int at, int nameLength, int extraLength) throws CheckpointException {
    String name;
    try {
      name = Utf8.decode(directory.array(), at + CENTRAL_BYTES, nameLength);
    } catch (CharacterCodingException e) {
      throw (CheckpointException) file.damaged(PLACE, "holds a name that is not UTF-8").initCause(e);
    }
    long compressed = u32(directory, at + 20);
    long size = u32(directory, at + 24);
    long offset = u32(directory, at + 42);
    if (size == IN_EXTRA || compressed == IN_EXTRA || offset == IN_EXTRA) {
      // The zip64 field holds those of the three that are marked, in this order.
      ByteBuffer wide = extra(directory, name, at + CENTRAL_BYTES + nameLength, extraLength);
      size = size == IN_EXTRA ? next64(wide, name) : size;
      compressed = compressed == IN_EXTRA ? next64(wide, name) : compressed;
      offset = offset == IN_EXTRA ? next64(wide, name) : offset;
    }
    boolean stored = u16(directory, at + 10) == 0;
    if (size < 0 || offset < 0 || offset > directoryOffset || stored && size != compressed) {
      throw file.damaged(PLACE, "member " + CheckpointException.quote(name) + " has impossible sizes");
    }
    boolean encrypted = (u16(directory, at + 8) & ENCRYPTED) != 0;
    return new Member(name, offset, size, stored, encrypted);
  }

  private ByteBuffer extra(ByteBuffer directory, String name, int start, int length) throws CheckpointException {
    for (int at = start; at + 4 <= start + length; at += 4 + u16(directory, at + 2)) {
      int size = u16(directory, at + 2);
      if (u16(directory, at) == EXTRA_64 && at + 4 + size <= start + length) {
        return directory.slice(at + 4, size).order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    throw file.damaged(PLACE, "member " + CheckpointException.quote(name) + " lacks its zip64 sizes");
  }

  private long next64(ByteBuffer wide, String name) throws CheckpointException {
    if (wide.remaining() < 8) {
      throw file.damaged(PLACE, "member " + CheckpointException.quote(name) + " lacks its zip64 sizes");
    }
    return wide.getLong();
  }

  private ByteBuffer bytes(String place, long offset, int length) throws CheckpointException {
    return ByteBuffer.wrap(file.read(place, offset, length)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int u16(ByteBuffer buffer, int at) {
    return Short.toUnsignedInt(buffer.getShort(at));
  }

  private static long u32(ByteBuffer buffer, int at) {
    return Integer.toUnsignedLong(buffer.getInt(at));
  }
}
