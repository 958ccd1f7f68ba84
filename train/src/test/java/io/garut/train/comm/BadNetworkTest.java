package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three ranks over TCP, and something that happens between rank 0 and rank 1. */
class BadNetworkTest {
  private static final int LONG = 2_000_000; // elements: more than the buffers of a connection hold

  private final List<AutoCloseable> opened = new ArrayList<>();
  private Proxy proxy;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private List<Collective> group(Duration deadline, UnaryOperator<SocketSettings> change) throws Exception {
    SocketSettings settings = change.apply(Sockets.settings(deadline));
    try (MeetingPoint meeting = Ranks.meetingPoint(3, Sockets.loopback(), settings);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      proxy = new Proxy((InetSocketAddress) meeting.address());
      Future<Collective> zero = threads.submit(meeting::join);
      Future<Collective> one = threads.submit(() -> Ranks.sockets(1, 3, proxy.address(), settings));
      Future<Collective> two = threads.submit(() -> Ranks.sockets(2, 3, meeting.address(), settings));
      List<Collective> group = List.of(zero.get(), one.get(), two.get());
      opened.addAll(group);
      opened.add(proxy);
      Together.succeed(group, rank -> rank.barrier("start"));
      return group;
    }
  }

  private static Map<Integer, Throwable> sum(List<Collective> group, int length) {
    return Together.run(group, rank -> {
      Piece data = Pieces.floats(length);
      rank.allReduce("layers.3", data, data);
      rank.barrier("end");
    });
  }

  /** All get an error within the deadline, which names one of the two and what they were at. */
  private void assertAllAreTold(Map<Integer, Throwable> errors, Consumer<CommunicationException> further) {
    assertThat(errors).containsOnlyKeys(0, 1, 2);
    for (int rank : errors.keySet()) {
      CommunicationException failure = Together.failure(errors, rank);
      assertThat(failure.rank()).isBetween(0, 1);
      assertThat(failure.region()).isPresent();
      further.accept(failure);
    }
  }

  @Test
  void aDelayIsBorne() throws Exception {
    List<Collective> group = group(Together.GENEROUS, settings -> settings);
    proxy.delayMillis = 10;
    proxy.mode = Proxy.Mode.DELAY;
    long start = System.nanoTime();

    assertThat(sum(group, 1000)).isEmpty();

    // Three messages one after the other: both halves of the sum, and the barrier.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(30));
    Traffic.Counts counts = group.get(1).traffic().of(Operation.ALL_REDUCE);
    assertThat(Duration.ofNanos(counts.waited())).isGreaterThanOrEqualTo(Duration.ofMillis(15));
    assertThat(counts.waited()).isLessThanOrEqualTo(counts.took());
  }

  @Test
  void aDelayBeyondTheDeadlineNamesWhoIsLate() throws Exception {
    List<Collective> group = group(Together.SHORT, settings -> settings);
    proxy.delayMillis = 1500;
    proxy.mode = Proxy.Mode.DELAY;

    assertAllAreTold(sum(group, 10), failure ->
        assertThat(failure)
            .hasMessageMatching("ranks? .* not come to operation [12], all-reduce of layers.3 within 300 ms.*"));
  }

  @Test
  void silenceInTheMiddleOfAPieceNamesWhoIsLate() throws Exception {
    List<Collective> group = group(Duration.ofSeconds(1), settings -> settings);
    long before = proxy.chunks.get();
    Thread swallow = Thread.ofPlatform().daemon().start(() -> {
      while (proxy.chunks.get() < before + 4) {
        Thread.onSpinWait();
      }
      proxy.mode = Proxy.Mode.SWALLOW;
    });

    assertAllAreTold(sum(group, LONG), failure ->
        assertThat(failure).hasMessageContaining("layers.3 within 1 s").hasMessageContaining("has not "));
    swallow.join();
  }

  @Test
  void aConnectionThatIsCutInTheMiddleOfAPieceIsNamed() throws Exception {
    List<Collective> group = group(Together.GENEROUS, settings -> settings);
    proxy.untilCut.set(300_000);
    proxy.mode = Proxy.Mode.CUT;

    assertAllAreTold(sum(group, LONG), failure ->
        assertThat(failure).hasMessageMatching("rank [01] is lost in operation 1, all-reduce of layers.3: .*"));
  }

  @Test
  void aGarbledHeaderIsNamed() throws Exception {
    List<Collective> group = group(Together.GENEROUS, settings -> settings);
    proxy.mode = Proxy.Mode.GARBLE;

    assertAllAreTold(sum(group, 10), failure -> assertThat(failure).hasMessageContaining("garbled"));
  }

  @Test
  void whatIsGarbledUnderTlsIsNamed() throws Exception {
    var tls = Keys.context();
    List<Collective> group = group(Together.GENEROUS, settings -> settings.tls(tls));
    proxy.mode = Proxy.Mode.GARBLE;

    assertAllAreTold(sum(group, LONG), failure -> assertThat(failure).hasMessageContaining("is lost in operation 1"));
  }
}
