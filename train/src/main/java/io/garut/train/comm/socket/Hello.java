package io.garut.train.comm.socket;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * Who calls, said after the proof.
 *
 * @param from the rank that calls
 * @param to the rank it means to call
 * @param size of the group, as it believes
 * @param attempt a random number: tells a process that calls twice from two that claim the same rank
 * @param purpose of the connection
 * @param address where the caller listens
 */
record Hello(int from, int to, int size, long attempt, Purpose purpose, String address) {
  private static final int VERSION = 1;

  /** What a connection is for. */
  enum Purpose {
    /** Headers and pieces. */
    DATA,
    /** Why a rank leaves. */
    CONTROL
  }

  void write(DataOutputStream out) throws IOException {
    out.writeByte(VERSION);
    out.writeBoolean(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN);
    out.writeInt(from);
    out.writeInt(to);
    out.writeInt(size);
    out.writeLong(attempt);
    out.writeByte(purpose.ordinal());
    out.writeUTF(address);
  }

  static Hello read(DataInputStream in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException("version " + version + " of the protocol, this side has " + VERSION);
    }
    if (in.readBoolean() != (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN)) {
      throw new IOException("the two machines order the bytes of a number differently");
    }
    return new Hello(
        in.readInt(), in.readInt(), in.readInt(), in.readLong(), in.readByte() == 0 ? Purpose.DATA : Purpose.CONTROL,
        in.readUTF());
  }
}
