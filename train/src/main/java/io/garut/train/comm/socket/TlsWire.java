package io.garut.train.comm.socket;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** TLS 1.3 in which both sides show a certificate, over three buffers that are used again and again. */
final class TlsWire extends Wire {
  /** Records that one call of the system carries. */
  private static final int RECORDS = 8;

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final SSLEngine engine;
  private final int record; // the most that one takes
  private final ByteBuffer outgoing; // encrypted, to be sent: its readable part
  private final ByteBuffer incoming; // encrypted, received: its readable part
  private final ByteBuffer opened; // decrypted: its readable part
  private boolean ended;

  TlsWire(SocketChannel channel, SSLContext context, boolean client) throws IOException {
    super(channel);
    engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    if (!client) {
      engine.setNeedClientAuth(true);
    }
    engine.beginHandshake();
    record = Math.max(engine.getSession().getPacketBufferSize(), engine.getSession().getApplicationBufferSize());
    outgoing = ByteBuffer.allocateDirect(RECORDS * record).flip();
    incoming = ByteBuffer.allocateDirect(RECORDS * record).flip();
    opened = ByteBuffer.allocateDirect(record).flip();
  }

  /** Goes on with the handshake as far as it gets: whether it is complete. */
  boolean handshake() throws IOException {
    while (true) {
      boolean flushed = flush();
      switch (engine.getHandshakeStatus()) {
        case NOT_HANDSHAKING, FINISHED -> {
          return flushed;
        }
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> {
          if (!flushed) {
            return false;
          }
          wrap(NOTHING, 0, 1);
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (!unwrap()) {
            if (ended) {
              throw new EOFException("the other side has left the TLS handshake");
            }
            return false;
          }
        }
      }
    }
  }

  @Override
  long write(ByteBuffer[] buffers, int start, int count) throws IOException {
    long bytes = 0;
    while (flush()) {
      long taken = 0;
      while (outgoing.capacity() - outgoing.limit() >= record && anyRemains(buffers, start, count)) {
        long one = wrap(buffers, start, count);
        taken += one;
        if (one == 0) { // a record of the protocol's own
          break;
        }
      }
      if (taken == 0) {
        break;
      }
      bytes += taken;
    }
    return bytes;
  }

  private static boolean anyRemains(ByteBuffer[] buffers, int start, int count) {
    for (int i = start; i < start + count; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private long wrap(ByteBuffer[] buffers, int start, int count) throws IOException {
    int sent = outgoing.position();
    int end = outgoing.limit();
    outgoing.limit(outgoing.capacity()).position(end);
    try {
      SSLEngineResult result = engine.wrap(buffers, start, count, outgoing);
      if (result.getStatus() == Status.CLOSED) {
        throw new IOException("TLS is closed");
      }
      return result.bytesConsumed();
    } finally {
      outgoing.flip().position(sent);
    }
  }

  @Override
  boolean flush() throws IOException {
    if (outgoing.hasRemaining()) {
      countSent(channel().write(outgoing));
    }
    if (outgoing.hasRemaining()) {
      return false;
    }
    outgoing.clear().flip();
    return true;
  }

  @Override
  long read(ByteBuffer[] buffers, int start, int count) throws IOException {
    long bytes = 0;
    for (int i = start; i < start + count; i++) {
      ByteBuffer target = buffers[i];
      while (target.hasRemaining()) {
        if (!opened.hasRemaining() && !unwrap()) {
          return bytes == 0 && ended ? -1 : bytes;
        }
        int length = Math.min(opened.remaining(), target.remaining());
        target.put(target.position(), opened, opened.position(), length);
        target.position(target.position() + length);
        opened.position(opened.position() + length);
        bytes += length;
      }
    }
    return bytes;
  }

  /** Decrypts a record, which may hold no data: false if it has not come yet, or none will. */
  private boolean unwrap() throws IOException {
    while (!ended) {
      opened.clear();
      SSLEngineResult result;
      try {
        result = engine.unwrap(incoming, opened);
      } finally {
        opened.flip();
      }
      if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks();
      }
      switch (result.getStatus()) {
        case CLOSED -> ended = true;
        case BUFFER_OVERFLOW -> throw new IOException("a TLS record longer than " + record + " bytes");
        case BUFFER_UNDERFLOW -> {
          if (!fill()) {
            return false;
          }
        }
        case OK -> {
          if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && outgoing.limit() == 0) {
            wrap(NOTHING, 0, 1); // an answer to the other side's new keys; leaves with the next flush
          }
          return true;
        }
      }
    }
    return false;
  }

  private boolean fill() throws IOException {
    incoming.compact();
    int more;
    try {
      more = channel().read(incoming);
    } finally {
      incoming.flip();
    }
    countReceived(more);
    ended = more < 0;
    return more > 0;
  }

  private void runTasks() {
    Runnable task = engine.getDelegatedTask();
    while (task != null) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }
}
