package io.garut.train.comm.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The channel itself. */
final class PlainWire extends Wire {
  PlainWire(SocketChannel channel) {
    super(channel);
  }

  @Override
  long write(ByteBuffer[] buffers, int start, int count) throws IOException {
    long bytes = channel().write(buffers, start, count);
    countSent(bytes);
    return bytes;
  }

  @Override
  boolean flush() {
    return true;
  }

  @Override
  long read(ByteBuffer[] buffers, int start, int count) throws IOException {
    long bytes = channel().read(buffers, start, count);
    countReceived(bytes);
    return bytes;
  }
}
