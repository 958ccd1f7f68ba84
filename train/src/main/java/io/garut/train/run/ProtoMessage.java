package io.garut.train.run;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds a message in the wire format of protocol buffers. Fields come in the order in which they are put. */
final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ProtoMessage put(int field, long value) {
    key(field, VARINT);
    varint(value);
    return this;
  }

  ProtoMessage put(int field, double value) {
    key(field, FIXED64);
    return fixed(ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(value));
  }

  ProtoMessage put(int field, float value) {
    key(field, FIXED32);
    return fixed(ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value));
  }

  ProtoMessage put(int field, String value) {
    return put(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoMessage put(int field, ProtoMessage value) {
    return put(field, value.toBytes());
  }

  private ProtoMessage put(int field, byte[] value) {
    key(field, LENGTH);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  private ProtoMessage fixed(ByteBuffer value) {
    bytes.writeBytes(value.array());
    return this;
  }

  private void key(int field, int type) {
    varint((long) field << 3 | type);
  }

  /** Seven bits at a time, the lowest first; negative numbers take ten bytes. */
  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
