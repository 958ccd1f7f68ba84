package io.garut.tensor.io;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes a zip archive of stored members, with the lies that a test asks for. */
final class ZipBytes {
  private final Bytes file = new Bytes();
  private final List<Member> members = new ArrayList<>();

  /** What the directory says about one member. */
  private record Member(String name, long offset, long size, int method, int flags) {}

  /** A member, its data at a multiple of 64. */
  ZipBytes add(String name, byte[] data) {
    return add(name, data, data.length, 0, 0);
  }

  /** A member whose directory entry claims {@code size}, {@code method} and {@code flags}. */
  ZipBytes add(String name, byte[] data, long size, int method, int flags) {
    int offset = file.size();
    int nameLength = name.getBytes(StandardCharsets.UTF_8).length;
    int padding = Math.floorMod(-(offset + 30 + nameLength + 4), 64);
    file.u32(0x04034b50).u16(20).u16(flags).u16(method).u32(0).u32(0).u32(data.length).u32(data.length);
    file.u16(nameLength).u16(padding + 4).text(name).u16(0x4246).u16(padding).zeros(padding).raw(data);
    members.add(new Member(name, offset, size, method, flags));
    return this;
  }

  byte[] array() {
    long start = file.size();
    directory(false);
    end(members.size(), file.size() - start, start);
    return file.array();
  }

  /** With all sizes and offsets in zip64 fields, as in archives past 4 GiB. */
  byte[] array64() {
    long start = file.size();
    directory(true);
    long size = file.size() - start;
    long end64 = file.size();
    file.u32(0x06064b50).u64(44).u16(45).u16(45).u32(0).u32(0);
    file.u64(members.size()).u64(members.size()).u64(size).u64(start);
    file.u32(0x07064b50).u32(0).u64(end64).u32(1);
    end(0xffff, 0xffff_ffffL, 0xffff_ffffL);
    return file.array();
  }

  /** An end record that claims what a test asks for. */
  byte[] arrayClaiming(int count, long size, long offset) {
    directory(false);
    end(count, size, offset);
    return file.array();
  }

  private void directory(boolean wide) {
    for (Member member : members) {
      int nameLength = member.name().getBytes(StandardCharsets.UTF_8).length;
      file.u32(0x02014b50).u16(20).u16(20).u16(member.flags()).u16(member.method()).u32(0).u32(0);
      file.u32(wide ? -1 : member.size()).u32(wide ? -1 : member.size());
      file.u16(nameLength).u16(wide ? 28 : 0).u16(0).u16(0).u16(0).u32(0).u32(wide ? -1 : member.offset());
      file.text(member.name());
      if (wide) {
        file.u16(1).u16(24).u64(member.size()).u64(member.size()).u64(member.offset());
      }
    }
  }

  private void end(int count, long size, long offset) {
    file.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(size).u32(offset).u16(0);
  }
}
