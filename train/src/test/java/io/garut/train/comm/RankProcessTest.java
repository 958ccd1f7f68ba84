package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankProcessTest {
  @Test
  void aProcessThatIsKilledIsNamedByTheOthers() throws Exception {
    UnixDomainSocketAddress at = Ranks.freshUnixAddress();
    Process one = RankProcess.start(1, 3, at);
    Process two = RankProcess.start(2, 3, at);
    try (Collective zero = Ranks.sockets(0, 3, at, Sockets.settings(Together.GENEROUS))) {
      for (int round = 0; round < 3; round++) {
        int seed = 10 * round;
        byte[] expected =
            Pieces.sum(IntStream.range(0, 3).mapToObj(i -> Pieces.random(seed + i, RankProcess.ELEMENTS)).toList());
        assertThat(Pieces.bytes(RankProcess.sum(zero, round))).isEqualTo(expected);
      }

      two.destroyForcibly(); // kill −9
      long start = System.nanoTime();
      CommunicationException failure = catchThrowableOfType(CommunicationException.class, () -> {
        for (int round = 3; round < 1000; round++) {
          RankProcess.sum(zero, round);
        }
      });

      // Long before the deadline: the connection has ended.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Together.GENEROUS.dividedBy(2));
      assertThat(failure).isNotNull().hasMessageMatching("rank 2 is lost in operation \\d+, all-reduce of round \\d+: .*");
      assertThat(failure.rank()).isEqualTo(2);
      String said = new String(one.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).startsWith("rank 2, all-reduce: rank 2 is lost in operation ");
      assertThat(one.waitFor()).isZero();
    } finally {
      one.destroyForcibly();
      two.destroyForcibly();
    }
  }
}
