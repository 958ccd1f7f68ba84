package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AsyncCollectiveTest {
  @Test
  void twoStreamsGoOnAtOnce() {
    List<Collective> gathering = Ranks.threads(3, Together.GENEROUS);
    List<Collective> reducing = Ranks.threads(3, Together.GENEROUS);
    Together.succeed(gathering, rank -> {
      try (AsyncCollective gather = new AsyncCollective(rank, 4);
          AsyncCollective reduce = new AsyncCollective(reducing.get(rank.rank()), 4)) {
        List<Pending<BitSet>> pending = new ArrayList<>();
        List<List<Piece>> gathered = new ArrayList<>();
        List<Piece> sums = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          int seed = 1000 * i;
          List<Piece> ofRank = CollectiveContract.each(3, _ -> Pieces.floats(301));
          Piece own = Pieces.random(seed + rank.rank(), 301);
          Piece sum = Pieces.random(seed + rank.rank(), 301);
          gathered.add(ofRank);
          sums.add(sum);
          // The second stream is as likely to be ahead as behind.
          pending.add(reduce.submit(group -> group.allReduce("gradients", sum, sum)));
          pending.add(gather.submit(group -> group.allGather("weights", own, ofRank)));
        }
        gather.execute(group -> group.barrier("end")).await();
        for (Pending<BitSet> one : pending) {
          assertThat(one.await().cardinality()).isEqualTo(3);
          assertThat(one.isDone()).isTrue();
        }
        for (int i = 0; i < 20; i++) {
          int seed = 1000 * i;
          List<Piece> sent = CollectiveContract.each(3, from -> Pieces.random(seed + from, 301));
          for (int from = 0; from < 3; from++) {
            assertThat(Pieces.bytes(gathered.get(i).get(from))).isEqualTo(Pieces.bytes(sent.get(from)));
          }
          assertThat(Pieces.bytes(sums.get(i))).isEqualTo(Pieces.sum(sent));
        }
        assertThat(gather.traffic().of(Operation.ALL_GATHER).operations()).isEqualTo(20);
      }
    });
  }

  @Test
  void errorsAreThrownWhereTheyAreAwaited() {
    List<Collective> group = Ranks.threads(2, Together.SHORT);
    try (AsyncCollective first = new AsyncCollective(group.get(0), 8)) {
      Pending<BitSet> late = first.submit(rank -> rank.allReduce("layers.3", Pieces.floats(4), Pieces.floats(4)));
      Pending<Void> next = first.execute(rank -> rank.barrier("layers.4"));
      Pending<BitSet> wrong = first.submit(rank -> rank.exchange("layers.5", List.of(), List.of()));

      assertThatThrownBy(late::await)
          .isInstanceOf(CommunicationException.class)
          .hasMessageContaining("rank 1 has not come to operation 0, all-reduce of layers.3");
      assertThatThrownBy(next::await).isInstanceOf(CommunicationException.class).hasMessageContaining("all-reduce of layers.3");
      assertThatThrownBy(wrong::await).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void closingEndsWhatGoesOn() {
    List<Collective> group = Ranks.threads(2, Together.GENEROUS);
    AsyncCollective first = new AsyncCollective(group.get(0), 3);
    List<Pending<Void>> pending = IntStream.range(0, 3).mapToObj(_ -> first.execute(rank -> rank.barrier("x"))).toList();

    first.close();

    assertThat(pending).allSatisfy(one -> {
      assertThat(one.isDone()).isTrue();
      assertThatThrownBy(one::await).hasMessageContaining("rank 0 has closed its end");
    });
    assertThatThrownBy(() -> first.execute(rank -> rank.barrier("x"))).hasMessageContaining("rank 0 has closed its end");
    assertThatThrownBy(() -> group.get(1).barrier("x")).hasMessageContaining("rank 0 has closed its end");
  }

  @Test
  void anInterruptOfTheOneWhoAwaitsEndsTheOperation() {
    List<Collective> group = Ranks.threads(2, Together.GENEROUS);
    Map<Integer, Throwable> errors = Together.run(group.subList(0, 1), rank -> {
      try (AsyncCollective stream = new AsyncCollective(rank, 2)) {
        CountDownLatch begun = new CountDownLatch(1);
        Pending<Void> waiting = stream.execute(end -> {
          begun.countDown();
          end.barrier("layers.3");
        });
        begun.await();
        Thread.currentThread().interrupt();
        try {
          waiting.await();
        } finally {
          assertThat(Thread.interrupted()).isTrue();
        }
      }
    });

    assertThat(Together.failure(errors, 0)).hasMessageContaining("rank 0 was interrupted in operation 0, barrier");
  }
}
