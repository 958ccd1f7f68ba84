package io.garut.train.comm.socket;

import io.garut.train.comm.SocketSettings;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Function;

/** Calls another rank, once. */
final class Calls {
  /** The other rank has answered, and does not want this one: there is no use in trying again. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String reason) {
      super(reason);
    }
  }

  private Calls() {}

  /** As every channel is: it never blocks, and sends what it is given. */
  static void prepare(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /**
   * Connects, proves itself and says who it is.
   *
   * @param hello what to say, given the address of this end of the connection
   */
  static Wire call(SocketAddress address, SocketSettings settings, Function<SocketAddress, Hello> hello)
      throws IOException {
    boolean unix = address instanceof UnixDomainSocketAddress;
    SocketChannel channel = unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
    boolean admitted = false;
    try {
      prepare(channel);
      connect(channel, address, settings.proofDeadline().toMillis());
      Wire wire = introduce(channel, settings, hello.apply(channel.getLocalAddress()));
      admitted = true;
      return wire;
    } finally {
      if (!admitted) {
        channel.close();
      }
    }
  }

  private static void connect(SocketChannel channel, SocketAddress address, long millis) throws IOException {
    if (address instanceof InetSocketAddress internet && internet.isUnresolved()) {
      throw new IOException("no such host: " + internet.getHostString());
    }
    if (!channel.connect(address)) {
      try (Selector selector = Selector.open()) {
        channel.register(selector, SelectionKey.OP_CONNECT);
        selector.select(millis);
        if (!channel.finishConnect()) {
          throw new IOException("no answer");
        }
      }
    }
    if (channel.getLocalAddress().equals(channel.getRemoteAddress()) && address instanceof InetSocketAddress) {
      throw new IOException("nobody listens"); // the system chose the port that is called for this end: it met itself
    }
  }

  private static Wire introduce(SocketChannel channel, SocketSettings settings, Hello hello) throws IOException {
    try (Conversation conversation = new Conversation(new PlainWire(channel), settings.proofDeadline().toNanos())) {
      Proof.calling(conversation, settings.token());
      if (settings.tls().isPresent()) {
        conversation.encrypt(settings.tls().get(), true);
      }
      conversation.sendMessage(hello::write);
      try (DataInputStream message = conversation.receiveMessage()) {
        String refusal = message.readUTF();
        if (!refusal.isEmpty()) {
          throw new RefusedException(refusal);
        }
      }
      return conversation.wire();
    }
  }
}
