package io.garut.train.comm.socket;

import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The last word of a rank, on the connection for it: why the group cannot go on, or that the rank leaves in good order.
 * One of fixed length: a connection takes it whatever the state of the others.
 *
 * @param rank whose fault it is, −1 if that is not known
 * @param operation in which, null for none
 * @param region of it
 * @param text the message; empty where the rank just leaves
 */
record Farewell(int rank, Operation operation, String region, String text) {
  static final int LENGTH = 2048;
  private static final int LONGEST_TEXT = 1600;

  static Farewell of(CommunicationException reason) {
    return new Farewell(
        reason.rank(), reason.operation().orElse(null), reason.region().orElse(""), reason.getMessage());
  }

  static Farewell inGoodOrder(int rank) {
    return new Farewell(rank, null, "", "");
  }

  boolean isInGoodOrder() {
    return text.isEmpty();
  }

  CommunicationException toException() {
    return operation == null
        ? new CommunicationException(rank, text, null)
        : new CommunicationException(rank, operation, region, text);
  }

  ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(LENGTH);
    bytes.putInt(rank).put((byte) (operation == null ? -1 : operation.ordinal()));
    byte[] name = region.getBytes(StandardCharsets.UTF_8);
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    message = Arrays.copyOf(message, Math.min(message.length, LONGEST_TEXT));
    return bytes.putShort((short) name.length).put(name).putShort((short) message.length).put(message).clear();
  }

  static Farewell decode(ByteBuffer bytes) throws IOException {
    bytes.clear();
    int rank = bytes.getInt();
    int operation = bytes.get();
    if (operation >= Operation.values().length) {
      throw new IOException("what it says is garbled");
    }
    return new Farewell(rank, operation < 0 ? null : Operation.values()[operation], text(bytes), text(bytes));
  }

  private static String text(ByteBuffer bytes) throws IOException {
    int length = bytes.getShort();
    if (length < 0 || length > bytes.remaining()) {
      throw new IOException("what it says is garbled");
    }
    byte[] text = new byte[length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
