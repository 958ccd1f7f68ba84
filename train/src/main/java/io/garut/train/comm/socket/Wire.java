package io.garut.train.comm.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection as a stream of bytes that never blocks. */
abstract sealed class Wire implements AutoCloseable permits PlainWire, TlsWire {
  private final SocketChannel channel;
  private long sent;
  private long received;

  Wire(SocketChannel channel) {
    this.channel = channel;
  }

  final SocketChannel channel() {
    return channel;
  }

  /** Bytes that have left through the channel. */
  final long sent() {
    return sent;
  }

  /** Bytes that have come through the channel. */
  final long received() {
    return received;
  }

  final void countSent(long bytes) {
    sent += bytes;
  }

  final void countReceived(long bytes) {
    received += Math.max(0, bytes);
  }

  /** Takes as much as can be taken now from {@code count} buffers: the number of bytes. */
  abstract long write(ByteBuffer[] buffers, int start, int count) throws IOException;

  /** Whether all that was taken has left. */
  abstract boolean flush() throws IOException;

  /** Fills {@code count} buffers as far as there is anything now: the number of bytes, −1 if there is no more to come. */
  abstract long read(ByteBuffer[] buffers, int start, int count) throws IOException;

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
