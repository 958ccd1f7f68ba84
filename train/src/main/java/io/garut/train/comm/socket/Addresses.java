package io.garut.train.comm.socket;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Addresses as texts, and what may be said to them unencrypted. */
final class Addresses {
  private static final String UNIX = "unix:";

  private Addresses() {}

  static String text(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress unix -> UNIX + unix.getPath();
      case InetSocketAddress internet -> internet.getHostString() + ":" + internet.getPort();
      default -> throw new IllegalArgumentException("neither a TCP nor a Unix address: " + address);
    };
  }

  static SocketAddress parse(String text) {
    if (text.startsWith(UNIX)) {
      return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
    }
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  /** Whether what is sent there stays on this machine. */
  static boolean isLocal(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress _ -> true;
      case InetSocketAddress internet -> {
        InetAddress host = internet.getAddress();
        yield host != null && host.isLoopbackAddress();
      }
      default -> false;
    };
  }
}
