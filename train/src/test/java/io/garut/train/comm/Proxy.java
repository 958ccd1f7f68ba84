package io.garut.train.comm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Passes on what two ranks say to each other over TCP, as well or badly as a test wants it. */
final class Proxy implements AutoCloseable {
  /** What happens to the bytes that come next. */
  enum Mode {
    PASS,
    /** Each chunk arrives {@link Proxy#delayMillis} late. */
    DELAY,
    /** Nothing arrives any more, not even the end. */
    SWALLOW,
    /** The bit of a byte is turned. */
    GARBLE,
    /** The connection is cut after {@link Proxy#untilCut} bytes. */
    CUT
  }

  final AtomicLong untilCut = new AtomicLong();
  final AtomicLong chunks = new AtomicLong();
  volatile long delayMillis;
  volatile Mode mode = Mode.PASS;

  private final ServerSocket server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final InetSocketAddress target;
  private final List<Socket> sockets = new ArrayList<>();

  Proxy(InetSocketAddress target) throws IOException {
    this.target = target;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  /** Where to call instead of the target. */
  InetSocketAddress address() {
    return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
  }

  private static void daemon(Runnable work) {
    Thread.ofPlatform().daemon().name("proxy").start(work);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        Socket called = new Socket(target.getAddress(), target.getPort());
        caller.setTcpNoDelay(true);
        called.setTcpNoDelay(true);
        synchronized (sockets) {
          sockets.add(caller);
          sockets.add(called);
        }
        daemon(() -> pass(caller, called));
        daemon(() -> pass(called, caller));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        chunks.incrementAndGet();
        switch (mode) {
          case PASS -> {}
          case DELAY -> Thread.sleep(delayMillis);
          case SWALLOW -> length = 0;
          case GARBLE -> buffer[length / 2] ^= 1;
          case CUT -> {
            if (untilCut.addAndGet(-length) < 0) {
              return;
            }
          }
        }
        out.write(buffer, 0, length);
      }
      if (mode == Mode.SWALLOW) {
        closed.await();
      }
    } catch (IOException | InterruptedException e) {
      // The end of a connection is what it is there for.
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.close();
    synchronized (sockets) {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
