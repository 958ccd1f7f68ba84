package io.garut.train.comm.socket;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import javax.net.ssl.SSLContext;

/** The first words on a connection, up to a deadline: what they say is short, and read no further than it has to be. */
final class Conversation implements AutoCloseable {
  /** Of a message after the proof; before it nothing is as long. */
  private static final int LONGEST = 1 << 16;

  /** Writes or reads a message. */
  interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private final Selector selector;
  private final SelectionKey key;
  private final long start = System.nanoTime();
  private final long deadlineNanos;
  private Wire wire;

  /** On a channel that does not block. */
  Conversation(Wire wire, long deadlineNanos) throws IOException {
    this.wire = wire;
    this.deadlineNanos = deadlineNanos;
    selector = Selector.open();
    try {
      key = wire.channel().register(selector, SelectionKey.OP_READ);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
  }

  Wire wire() {
    return wire;
  }

  /** Goes on encrypted. */
  void encrypt(SSLContext context, boolean client) throws IOException {
    TlsWire encrypted = new TlsWire(wire.channel(), context, client);
    wire = encrypted;
    while (!encrypted.handshake()) {
      await(!encrypted.flush());
    }
  }

  void send(byte[] bytes) throws IOException {
    ByteBuffer[] buffers = {ByteBuffer.wrap(bytes)};
    while (buffers[0].hasRemaining() || !wire.flush()) {
      if (!buffers[0].hasRemaining() || wire.write(buffers, 0, 1) == 0) {
        await(true);
      }
    }
  }

  byte[] receive(int length) throws IOException {
    ByteBuffer[] buffers = {ByteBuffer.allocate(length)};
    while (buffers[0].hasRemaining()) {
      long count = wire.read(buffers, 0, 1);
      if (count < 0) {
        throw new EOFException("the other side has closed the connection");
      }
      if (count == 0) {
        await(false);
      }
    }
    return buffers[0].array();
  }

  void sendMessage(Writing message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.to(new DataOutputStream(bytes));
    send(ByteBuffer.allocate(Integer.BYTES + bytes.size()).putInt(bytes.size()).put(bytes.toByteArray()).array());
  }

  DataInputStream receiveMessage() throws IOException {
    int length = ByteBuffer.wrap(receive(Integer.BYTES)).getInt();
    if (length < 0 || length > LONGEST) {
      throw new IOException("a message of " + length + " bytes where " + LONGEST + " are the most");
    }
    return new DataInputStream(new ByteArrayInputStream(receive(length)));
  }

  private void await(boolean writable) throws IOException {
    long left = start + deadlineNanos - System.nanoTime();
    if (left <= 0) {
      throw new IOException("the other side does not answer");
    }
    try {
      key.interestOps(SelectionKey.OP_READ | (writable ? SelectionKey.OP_WRITE : 0));
      selector.select(left / 1_000_000 + 1);
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException | java.nio.channels.CancelledKeyException e) {
      throw new IOException("the connection is closed", e);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new java.io.InterruptedIOException("interrupted");
    }
  }

  /** Lets go of the wire, which stays open. */
  @Override
  public void close() throws IOException {
    selector.close();
  }
}
