package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.train.comm.Traffic.Counts;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds over every transport. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CollectiveContract {
  private final List<Collective> opened = new ArrayList<>();
  private final Map<Integer, List<Collective>> shared = new HashMap<>(); // by size

  /** A group. */
  protected abstract List<Collective> open(int size, Duration deadline) throws Exception;

  /** A group that the test leaves in good order. */
  private List<Collective> group(int size) throws Exception {
    if (!shared.containsKey(size)) {
      shared.put(size, fresh(size, Together.GENEROUS));
    }
    return shared.get(size);
  }

  /** A group that the test may break. */
  private List<Collective> fresh(int size, Duration deadline) throws Exception {
    List<Collective> group = open(size, deadline);
    opened.addAll(group);
    return group;
  }

  private List<Collective> fresh(int size) throws Exception {
    return fresh(size, Together.GENEROUS);
  }

  @AfterAll
  void closeAll() {
    Together.close(opened);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void everyPieceArrivesWhereItBelongs(int size) throws Exception {
    long[][] lengths = {{0}, {1}, {7, 0, 1013, 1}, {}, {131_101}}; // of the pieces from each rank
    Together.succeed(group(size), rank -> {
      List<Piece> send = each(size, to -> Pieces.random(100 * rank.rank() + to, lengths[rank.rank()]));
      List<Piece> received = each(size, from -> Pieces.floats(lengths[from]));

      BitSet present = rank.exchange("weights", send, received);

      assertThat(present.cardinality()).isEqualTo(size);
      for (int from = 0; from < size; from++) {
        Piece sent = Pieces.random(100 * from + rank.rank(), lengths[from]);
        assertThat(Pieces.bytes(received.get(from))).isEqualTo(Pieces.bytes(sent));
      }
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void sumsHaveTheBitsOfTheTree(int size) throws Exception {
    List<Collective> group = group(size);
    for (DType type : List.of(DType.F32, DType.F64)) {
      Together.succeed(group, rank -> {
        List<Piece> own = each(size, to -> Pieces.random(100 * rank.rank() + to, type, 3, 0, 70_001));
        Piece sum = Pieces.empty(type, 3, 0, 70_001);

        rank.reduceScatter("weights", own, sum);

        List<Piece> parts = each(size, from -> Pieces.random(100 * from + rank.rank(), type, 3, 0, 70_001));
        assertThat(Pieces.bytes(sum)).isEqualTo(Pieces.sum(parts));
      });
    }
  }

  @Test
  void aLongSumOverThreeRanksInPlace() throws Exception {
    byte[] expected = Pieces.sum(each(3, from -> Pieces.random(from, 1_000_003)));
    Together.succeed(group(3), rank -> {
      Counts before = rank.traffic().of(Operation.ALL_REDUCE);
      Piece data = Pieces.random(rank.rank(), 1_000_003);

      rank.allReduce("embedding", data, data);

      assertThat(Pieces.bytes(data)).isEqualTo(expected);
      Counts counts = rank.traffic().of(Operation.ALL_REDUCE).since(before);
      assertThat(counts.operations()).isEqualTo(2);
      // 2·(N−1)/N of the bytes, to the element
      assertThat(counts.sent()).isBetween(4 * (1_000_003L * 4 / 3 - 4), 4 * (1_000_003L * 4 / 3 + 4));
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void absentRanksAreLeftOutOfSums(int size) throws Exception {
    List<Collective> group = group(size);
    for (int present = 0; present < 1 << size; present++) {
      BitSet expected = BitSet.valueOf(new long[] {present});
      Together.succeed(group, rank -> {
        boolean here = expected.get(rank.rank());
        Piece sum = Pieces.random(99, 41, 2);
        Piece own = here ? Pieces.random(rank.rank(), 41, 2) : Piece.ABSENT;

        assertThat(rank.allReduce("weights", own, sum)).isEqualTo(expected);

        byte[] bits = Pieces.sum(each(size, from -> expected.get(from) ? Pieces.random(from, 41, 2) : Piece.ABSENT));
        assertThat(Pieces.bytes(sum)).isEqualTo(bits == null ? Pieces.bytes(Pieces.random(99, 41, 2)) : bits);
      });
    }
  }

  @Test
  void absentPiecesAreToldApartFromEmptyOnes() throws Exception {
    Together.succeed(group(3), rank -> {
      Piece own = rank.rank() == 0 ? Piece.ABSENT : rank.rank() == 1 ? Pieces.floats() : Pieces.random(2, 5);
      List<Piece> ofRank = List.of(Pieces.random(3, 4), Pieces.floats(), Pieces.floats(5));

      BitSet present = rank.allGather("weights", own, ofRank);

      assertThat(present).isEqualTo(BitSet.valueOf(new long[] {0b110}));
      assertThat(Pieces.bytes(ofRank.get(0))).isEqualTo(Pieces.bytes(Pieces.random(3, 4)));
      assertThat(Pieces.bytes(ofRank.get(2))).isEqualTo(Pieces.bytes(Pieces.random(2, 5)));
    });
  }

  @Test
  void broadcastsComeFromAnyRank() throws Exception {
    Together.succeed(group(4), rank -> {
      for (int root = 0; root < 4; root++) {
        Piece piece = rank.rank() == root ? Pieces.random(root, 1, 1001) : Pieces.floats(1, 1001);
        rank.broadcast("weights", root, piece);
        assertThat(Pieces.bytes(piece)).isEqualTo(Pieces.bytes(Pieces.random(root, 1, 1001)));
      }
      assertThat(rank.traffic().of(Operation.BROADCAST).sent()).isEqualTo(3 * 4 * 1002);
    });
  }

  @Test
  void memoryOfTheHeapWorksToo() throws Exception {
    Together.succeed(group(2), rank -> {
      Piece own = Piece.of(DType.F32, MemorySegment.ofArray(new float[] {rank.rank(), 7}));
      float[] sum = new float[2];
      rank.allReduce("weights", own, Piece.of(DType.F32, MemorySegment.ofArray(sum)));
      assertThat(sum).containsExactly(1, 14);
    });
  }

  @Test
  void aThousandSmallOperationsInARow() throws Exception {
    Together.succeed(group(3), rank -> {
      Counts before = rank.traffic().total();
      Piece counter = Pieces.floats(1);
      List<Piece> all = each(3, _ -> Pieces.floats(1));
      for (int i = 0; i < 1000; i++) {
        counter.segments().getFirst().fill((byte) (i + rank.rank()));
        rank.allGather("counter", counter, all);
        for (int from = 0; from < 3; from++) {
          assertThat(Pieces.bytes(all.get(from))[3]).isEqualTo((byte) (i + from));
        }
      }
      rank.barrier("end");
      Counts counts = rank.traffic().total().since(before);
      assertThat(counts.operations()).isEqualTo(1001);
      assertThat(counts.received()).isEqualTo(8000);
    });
  }

  @Test
  void memoryIsTheCallersAgainAfterEachOperation() throws Exception {
    Together.succeed(group(2), rank -> {
      Piece own = Pieces.floats(50_000);
      List<Piece> all = each(2, _ -> Pieces.floats(50_000));
      byte[] expected = new byte[200_000];
      for (int i = 0; i < 30; i++) {
        Arrays.fill(expected, (byte) i);
        own.segments().getFirst().fill((byte) i);
        rank.allGather("weights", own, all);
        own.segments().getFirst().fill((byte) -1); // an operation that still reads it would send this
        assertThat(Arrays.equals(Pieces.bytes(all.get(1 - rank.rank())), expected)).isTrue();
      }
    });
  }

  @Test
  void differentOperationsAreNamedOnAllRanks() throws Exception {
    Map<Integer, Throwable> errors = Together.run(fresh(3), rank -> {
      rank.barrier("start");
      if (rank.rank() == 1) {
        rank.reduceScatter("layers.2", each(3, _ -> Pieces.floats(1024)), Pieces.floats(1024));
      } else {
        rank.allGather("layers.3", Pieces.floats(1024), each(3, _ -> Pieces.floats(1024)));
      }
    });

    for (int rank = 0; rank < 3; rank++) {
      assertThat(Together.failure(errors, rank))
          .hasMessageContaining("rank 1 is at operation 1, reduce-scatter of layers.2 (4,096 bytes of F32 in 1 segment)")
          .hasMessageContaining("is at operation 1, all-gather of layers.3");
    }
  }

  @Test
  void differentRegionsAreNamed() throws Exception {
    Map<Integer, Throwable> errors =
        Together.run(fresh(2), rank -> rank.barrier(rank.rank() == 0 ? "layers.0" : "layers.1"));

    assertThat(Together.failure(errors, 0)).hasMessageContaining("barrier of layers.0").hasMessageContaining("layers.1");
    assertThat(Together.failure(errors, 1)).hasMessageContaining("barrier of layers.0").hasMessageContaining("layers.1");
  }

  @Test
  void differentLayoutsAreNamedAndNoMemoryIsTouched() throws Exception {
    Map<Integer, Throwable> errors = Together.run(fresh(2), rank -> {
      long length = rank.rank() == 0 ? 1024 : 2048; // one rank believes the weight to be twice as long
      List<Piece> all = each(2, _ -> Pieces.random(8, length));
      try {
        rank.allGather("layers.3", Pieces.floats(length), all);
      } finally {
        assertThat(Pieces.bytes(all.get(1 - rank.rank()))).isEqualTo(Pieces.bytes(Pieces.random(8, length)));
      }
    });

    for (int rank = 0; rank < 2; rank++) {
      assertThat(Together.failure(errors, rank))
          .hasMessageContaining("all-gather of layers.3")
          .hasMessageContaining("4,096 bytes of F32")
          .hasMessageContaining("8,192 bytes of F32");
      assertThat(Together.failure(errors, rank).region()).contains("layers.3");
      assertThat(Together.failure(errors, rank).operation()).contains(Operation.ALL_GATHER);
    }
  }

  @Test
  void sameBytesInOtherSegmentsOrTypesAreDifferent() throws Exception {
    Map<Integer, Throwable> cut = Together.run(fresh(2), rank -> {
      long[] lengths = rank.rank() == 0 ? new long[] {3, 5} : new long[] {5, 3};
      rank.broadcast("bias", 0, Pieces.floats(lengths));
    });
    Map<Integer, Throwable> type = Together.run(fresh(2), rank -> {
      if (rank.rank() == 0) {
        rank.broadcast("bias", 0, Pieces.floats(4));
      } else {
        rank.broadcast("bias", 0, Pieces.empty(DType.F64, 2));
      }
    });

    assertThat(Together.failure(cut, 1)).hasMessageContaining("the segments differ in length");
    assertThat(Together.failure(cut, 0)).hasMessageContaining("the segments differ in length");
    assertThat(Together.failure(type, 0)).hasMessageContaining("of F32").hasMessageContaining("of F64");
  }

  @Test
  void aRankThatNeverComesIsNamedOnAllOthersWithinTheDeadline() throws Exception {
    List<Collective> group = fresh(4, Together.SHORT);
    long start = System.nanoTime();
    Map<Integer, Throwable> errors = Together.run(group, rank -> {
      if (rank.rank() != 2) {
        rank.allGather("layers.3", Pieces.floats(300_000), each(4, _ -> Pieces.floats(300_000)));
      }
    });

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Together.SHORT);
    assertThat(errors).containsOnlyKeys(0, 1, 3);
    for (int rank : errors.keySet()) {
      assertThat(Together.failure(errors, rank).rank()).isEqualTo(2);
      assertThat(Together.failure(errors, rank))
          .hasMessageContaining("rank 2 has not")
          .hasMessageContaining("operation 0, all-gather of layers.3")
          .hasMessageContaining("300 ms");
    }
    // The group is of no use any more, to the late rank either.
    for (Collective rank : group) {
      assertThatThrownBy(() -> rank.barrier("later"))
          .isInstanceOf(CommunicationException.class)
          .hasMessageContaining("rank 2 has not")
          .hasMessageContaining("all-gather of layers.3");
    }
  }

  @Test
  void aRankThatClosesIsNamedAtOnce() throws Exception {
    List<Collective> group = fresh(3);
    CountDownLatch begun = new CountDownLatch(2);
    Map<Integer, Throwable> errors = Together.run(group, rank -> {
      if (rank.rank() == 0) {
        begun.await();
        rank.close();
      } else {
        begun.countDown();
        rank.barrier("layers.3");
      }
    });

    assertThat(errors).containsOnlyKeys(1, 2);
    for (int rank : errors.keySet()) {
      assertThat(Together.failure(errors, rank).rank()).isZero();
      assertThat(Together.failure(errors, rank))
          .hasMessageContaining("rank 0 has closed its end")
          .hasMessageContaining("barrier of layers.3");
    }
    assertThatThrownBy(() -> group.get(0).barrier("later"))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("rank 0 has closed its end");
  }

  @Test
  void closingFromAnotherThreadEndsTheWait() throws Exception {
    List<Collective> group = fresh(2);
    CountDownLatch begun = new CountDownLatch(1);
    Thread closer = Thread.ofPlatform().daemon().start(() -> {
      try {
        begun.await();
        group.get(1).close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    Map<Integer, Throwable> errors = Together.run(group.subList(1, 2), rank -> {
      begun.countDown();
      rank.barrier("layers.3");
    });
    closer.join();

    assertThat(Together.failure(errors, 1)).hasMessageContaining("rank 1 has closed its end");
    assertThatThrownBy(() -> group.get(0).barrier("layers.3")).hasMessageContaining("rank 1 has closed its end");
  }

  @Test
  void anInterruptEndsTheWaitAndIsTold() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Map<Integer, Throwable> errors = Together.run(fresh(3), rank -> {
      if (rank.rank() == 1) {
        Thread.currentThread().interrupt();
      } else if (rank.rank() == 2) {
        ended.await();
      }
      try {
        rank.barrier("layers.3");
      } finally {
        if (rank.rank() == 1) {
          assertThat(Thread.interrupted()).isTrue();
          ended.countDown();
        }
      }
    });

    for (int rank = 0; rank < 3; rank++) {
      assertThat(Together.failure(errors, rank).rank()).isEqualTo(1);
      assertThat(Together.failure(errors, rank)).hasMessageContaining("rank 1 was interrupted in operation 0, barrier");
    }
  }

  @Test
  void anErrorInThePieceOfOneRankIsToldToAll() throws Exception {
    Map<Integer, Throwable> errors = Together.run(fresh(3), rank -> {
      Piece piece = Pieces.floats(8);
      if (rank.rank() == 1) {
        piece = Piece.of(DType.F32, piece.segments().getFirst().asReadOnly()); // what a broadcast cannot be put into
      }
      rank.broadcast("bias", 0, piece);
      rank.barrier("end");
    });

    for (int rank = 0; rank < 3; rank++) {
      assertThat(Together.failure(errors, rank).rank()).isEqualTo(1);
    }
    assertThat(Together.failure(errors, 1)).hasMessageContaining("rank 1 cannot read or write a piece in operation 0");
  }

  @Test
  void wrongArgumentsAreRefusedBeforeAnythingIsSaid() throws Exception {
    List<Collective> group = group(2);
    Collective rank = group.getFirst();
    List<Piece> one = List.of(Pieces.floats(1));
    Piece integers = Pieces.empty(DType.I32, 3);

    assertThatThrownBy(() -> rank.exchange("x", one, one)).hasMessageContaining("1 pieces to be sent, among 2 ranks");
    assertThatThrownBy(() -> rank.broadcast("x", 2, one.getFirst())).hasMessageContaining("from rank 2 among 2");
    assertThatThrownBy(() -> rank.broadcast("x", 0, Piece.ABSENT)).hasMessageContaining("nothing");
    assertThatThrownBy(() -> rank.allReduce("x", integers, integers)).hasMessageContaining("F32 or F64");
    assertThatThrownBy(() -> rank.allGather("x", Pieces.floats(1), each(2, _ -> Pieces.floats(2))))
        .hasMessageContaining("rank 0 has 4 bytes of F32 in 1 segment for itself, and expects 8 bytes");
    assertThatThrownBy(() -> rank.barrier("x".repeat(201))).hasMessageContaining("200 bytes");

    Together.succeed(group, end -> end.barrier("still of use"));
  }

  static List<Piece> each(int size, IntFunction<Piece> piece) {
    return Collections.unmodifiableList(IntStream.range(0, size).mapToObj(piece).toList());
  }
}
