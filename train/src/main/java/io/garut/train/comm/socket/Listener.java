package io.garut.train.comm.socket;

import io.garut.train.comm.SocketSettings;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where ranks are called. Each connection is heard on a thread of its own, for a short time; of too many at once the
 * eldest is dropped, so that those who hold connections and say nothing keep no rank out.
 */
final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** Connections of strangers, at once; each rank has one at a time until it is known. */
  private static final int MOST_STRANGERS = 32;

  private static final long PAUSE_NANOS = 50_000_000;

  private final SocketSettings settings;
  private final Arrivals arrivals;
  private final ServerSocketChannel server;
  private final Set<Thread> unknown = new LinkedHashSet<>(); // the eldest first

  /** Listens from now on. */
  Listener(SocketAddress at, SocketSettings settings, Arrivals arrivals) throws IOException {
    this.settings = settings;
    this.arrivals = arrivals;
    boolean unix = at instanceof UnixDomainSocketAddress;
    server = unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    try {
      server.bind(at);
      if (at instanceof UnixDomainSocketAddress file) {
        ownerOnly(file.getPath());
      }
    } catch (IOException | RuntimeException e) {
      server.close();
      throw new IOException("cannot listen at " + Addresses.text(at) + ": " + e.getMessage(), e);
    }
    Thread.ofPlatform().daemon().name("garut-listener").start(this::accept);
  }

  private static void ownerOnly(Path file) throws IOException {
    if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  SocketAddress address() throws IOException {
    return server.getLocalAddress();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        Thread thread = Thread.ofPlatform().daemon().name("garut-caller").unstarted(() -> hear(channel));
        synchronized (unknown) {
          if (unknown.size() >= MOST_STRANGERS + arrivals.size()) {
            Thread eldest = unknown.iterator().next();
            unknown.remove(eldest);
            eldest.interrupt();
          }
          unknown.add(thread);
        }
        thread.start();
      } catch (ClosedChannelException e) {
        return; // by close
      } catch (IOException e) {
        LOG.warn("a connection could not be accepted: {}", e.toString());
        LockSupport.parkNanos(PAUSE_NANOS); // no more files, perhaps
      }
    }
  }

  private void hear(SocketChannel channel) {
    boolean kept = false;
    try {
      kept = admit(channel);
    } catch (IOException | RuntimeException e) {
      LOG.debug("a connection was dropped: {}", e.toString()); // a stranger, or a rank that will try again
    } finally {
      synchronized (unknown) {
        unknown.remove(Thread.currentThread());
      }
      if (!kept) {
        drop(channel);
      }
    }
  }

  private boolean admit(SocketChannel channel) throws IOException {
    Calls.prepare(channel);
    Hello hello;
    Wire wire;
    try (Conversation conversation = new Conversation(new PlainWire(channel), settings.proofDeadline().toNanos())) {
      Proof.called(conversation, settings.token());
      if (settings.tls().isPresent()) {
        conversation.encrypt(settings.tls().get(), false);
      }
      try (DataInputStream message = conversation.receiveMessage()) {
        hello = Hello.read(message);
      }
      String refusal = arrivals.admit(hello);
      conversation.sendMessage(out -> out.writeUTF(refusal));
      if (!refusal.isEmpty()) {
        return false;
      }
      wire = conversation.wire();
    }
    return arrivals.put(hello, wire);
  }

  private static void drop(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a connection does not close: {}", e.toString());
    }
  }

  /** Listens no longer; connections that were kept stay. */
  @Override
  public void close() throws IOException {
    SocketAddress address = server.isOpen() ? server.getLocalAddress() : null;
    server.close();
    synchronized (unknown) {
      unknown.forEach(Thread::interrupt);
    }
    if (address instanceof UnixDomainSocketAddress file) {
      Files.deleteIfExists(file.getPath());
    }
  }
}
