package io.garut.train.comm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Groups over sockets whose ranks are threads of the test. */
final class Sockets {
  static final Token TOKEN = Token.of("a token that no stranger has");

  private Sockets() {}

  static SocketSettings settings(Duration deadline) {
    return SocketSettings.with(TOKEN).deadline(deadline);
  }

  static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** All ranks of a group, which meet at {@code at}. */
  static List<Collective> group(int size, SocketAddress at, IntFunction<SocketSettings> settings) throws Exception {
    try (MeetingPoint meeting = Ranks.meetingPoint(size, at, settings.apply(0));
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Collective>> joining = new ArrayList<>();
      joining.add(threads.submit(meeting::join));
      for (int i = 1; i < size; i++) {
        int rank = i;
        joining.add(threads.submit(() -> Ranks.sockets(rank, size, meeting.address(), settings.apply(rank))));
      }
      List<Collective> group = new ArrayList<>();
      for (Future<Collective> rank : joining) {
        group.add(rank.get());
      }
      return group;
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
