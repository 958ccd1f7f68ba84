package io.garut.train.comm.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Buffers that are sent or filled one after the other, as far as it goes each time. */
final class Cursor {
  /** Of one call; Java copies what lies in the heap, all of a call at once. */
  private static final int MOST_BUFFERS = 16;

  private final ByteBuffer[] buffers;
  private int next;

  Cursor(List<ByteBuffer> buffers) {
    this.buffers = buffers.toArray(ByteBuffer[]::new);
    skip();
  }

  private void skip() {
    while (next < buffers.length && !buffers[next].hasRemaining()) {
      next++;
    }
  }

  boolean isDone() {
    return next == buffers.length;
  }

  /** The number of bytes that went. */
  long write(Wire wire) throws IOException {
    long count = wire.write(buffers, next, Math.min(MOST_BUFFERS, buffers.length - next));
    skip();
    return count;
  }

  /** The number of bytes that came, −1 if no more will. */
  long read(Wire wire) throws IOException {
    long count = wire.read(buffers, next, Math.min(MOST_BUFFERS, buffers.length - next));
    skip();
    return count;
  }
}
