package io.garut.train.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.train.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final int LONGEST = 30;

  /** Example i has its number as its first token. */
  private static Examples examples(int size) {
    return Examples.of(
        IntStream.range(0, size)
            .mapToObj(i -> Example.of(IntStream.iterate(i, _ -> 7).limit(2 + i * 17 % (LONGEST - 1)).toArray()))
            .toList());
  }

  private static List<List<List<Integer>>> numbers(Iterable<Batch> batches) {
    return StreamSupport.stream(batches.spliterator(), false)
        .map(batch -> batch.microBatches().stream()
            .map(micro -> micro.stream().map(example -> example.ids()[0]).toList())
            .toList())
        .toList();
  }

  private static List<Integer> flat(List<List<List<Integer>>> steps) {
    return steps.stream().flatMap(List::stream).flatMap(List::stream).toList();
  }

  @Provide
  Arbitrary<Batches> batches() {
    Arbitrary<Grouping> counts = Arbitraries.integers().between(1, 5).map(Grouping.Count::new);
    Arbitrary<Grouping> tokens = Combinators.combine(
        Arbitraries.integers().between(LONGEST, 3 * LONGEST), Arbitraries.integers().between(1, 5)).as(Grouping.Tokens::new);
    return Combinators.combine(
            Arbitraries.integers().between(1, 60),
            Arbitraries.oneOf(counts, tokens),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs())
        .as((size, grouping, micro, seed) ->
            Batches.of(examples(size)).grouped(grouping).microBatchesPerStep(micro).seed(seed));
  }

  @Property(seed = "20230412")
  void everyExampleComesOnceAnEpoch(@ForAll("batches") Batches batches, @ForAll @IntRange(max = 5) int epoch) {
    List<List<List<Integer>>> steps = numbers(batches.from(new Position(epoch, 0), epoch + 1));
    assertThat(steps).hasSize(batches.stepsIn(epoch)).allSatisfy(step -> {
      assertThat(step).isNotEmpty();
      assertThat(step).allSatisfy(micro -> assertThat(micro).isNotEmpty());
    });
    assertThat(flat(steps)).containsExactlyInAnyOrderElementsOf(
        IntStream.range(0, batches.examples().size()).boxed().toList());
  }

  @Property(seed = "20230412")
  void resumingAnywhereGivesTheRest(@ForAll("batches") Batches batches, @ForAll @IntRange(min = 1, max = 4) int epochs) {
    List<List<List<Integer>>> all = numbers(batches.epochs(epochs));
    assertThat(all).hasSize(Math.toIntExact(batches.steps(epochs)));
    List<Position> positions = new ArrayList<>();
    for (Batch batch : batches.epochs(epochs)) {
      assertThat(batch.position()).isEqualTo(positions.isEmpty() ? Position.START : positions.getLast());
      positions.add(batch.next());
    }
    Batches again = Batches.of(batches.examples()).grouped(batches.grouping())
        .microBatchesPerStep(batches.microBatchesPerStep()).seed(batches.seed());
    assertThat(again.fingerprint()).isEqualTo(batches.fingerprint());
    for (int done = 0; done < all.size(); done++) {
      assertThat(numbers(again.from(positions.get(done), epochs))).isEqualTo(all.subList(done + 1, all.size()));
    }
  }

  @Property(seed = "20230412")
  void packedMicroBatchesKeepToTheirBudget(@ForAll("batches") Batches batches) {
    if (batches.grouping() instanceof Grouping.Tokens tokens) {
      for (Batch batch : batches.epochs(2)) {
        for (List<Example> micro : batch.microBatches()) {
          assertThat(micro.stream().mapToInt(Example::length).sum()).isLessThanOrEqualTo(tokens.budget());
        }
      }
    }
  }

  /** Packing an epoch takes time: those beyond the end of a run are not packed. */
  @Test
  void stepsAreCountedNoFurtherThanAsked() {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      examples.add(Example.of(new int[3 + i % 5]));
    }
    Batches packed = Batches.of(Examples.of(examples)).tokensPerMicroBatch(16);
    assertThat(packed.steps(1_000_000_000, 25)).isEqualTo(25);
    assertThat(packed.steps(2, 1000)).isEqualTo(packed.stepsIn(0) + packed.stepsIn(1));
    assertThat(packed.mostTokens()).isEqualTo(16);
    assertThat(packed.examplesPerMicroBatch(3).mostTokens()).isEqualTo(21);
  }

  @Test
  void packingLeavesLittleRoom() {
    int budget = 5 * LONGEST;
    Batches batches = Batches.of(examples(5_000)).tokensPerMicroBatch(budget);
    long tokens = StreamSupport.stream(batches.epochs(1).spliterator(), false).mapToLong(Batch::tokens).sum();
    // First fit with 64 open micro-batches of five of the longest examples leaves well under a twentieth empty.
    assertThat(tokens / (double) batches.stepsIn(0)).isGreaterThan(0.95 * budget);
  }

  @Test
  void countsAreThoseOfTheSettings() {
    Batches batches = Batches.of(examples(23)).examplesPerMicroBatch(3).microBatchesPerStep(2);
    List<List<List<Integer>>> steps = numbers(batches.epochs(1));
    assertThat(steps.stream().map(step -> step.stream().map(List::size).toList())).containsExactly(
        List.of(3, 3), List.of(3, 3), List.of(3, 3), List.of(3, 2));
    assertThat(batches.steps(3)).isEqualTo(12);
    Batch first = batches.at(Position.START);
    assertThat(first.tokens()).isEqualTo(
        first.microBatches().stream().flatMap(List::stream).mapToInt(Example::length).sum());
    assertThat(first.learnt()).isEqualTo(first.tokens() - 6); // the first token of each has nothing before it
  }

  @Test
  void epochsAndSeedsDiffer() {
    Batches batches = Batches.of(examples(40));
    assertThat(flat(numbers(batches.epochs(1)))).isNotEqualTo(flat(numbers(batches.from(new Position(1, 0), 2))));
    assertThat(flat(numbers(batches.epochs(1)))).isNotEqualTo(flat(numbers(batches.seed(43).epochs(1))));
    assertThat(flat(numbers(batches.inOrder().epochs(1)))).isEqualTo(IntStream.range(0, 40).boxed().toList());
    assertThat(IntStream.range(0, 5).mapToObj(seed -> batches.seed(seed).fingerprint()).collect(Collectors.toSet()))
        .hasSize(5);
    assertThat(batches.fingerprint())
        .isNotEqualTo(batches.examplesPerMicroBatch(2).fingerprint())
        .isNotEqualTo(batches.microBatchesPerStep(2).fingerprint())
        .isNotEqualTo(batches.tokensPerMicroBatch(100).fingerprint())
        .isNotEqualTo(batches.inOrder().fingerprint())
        .isNotEqualTo(Batches.of(examples(41)).fingerprint());
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> Batches.of(examples(0))).hasMessage("there is nothing to learn: no example is left");
    assertThatThrownBy(() -> Batches.of(examples(5)).tokensPerMicroBatch(9).steps(1))
        .hasMessageContaining("a micro-batch holds 9; raise the budget");
    assertThatThrownBy(() -> Batches.of(examples(5)).at(new Position(3, 5)))
        .hasMessageStartingWith("there is no step 5 in epoch 3, which has 5");
    assertThatThrownBy(() -> Batches.of(examples(5)).microBatchesPerStep(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> Batches.of(examples(5)).examplesPerMicroBatch(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> new Position(-1, 0)).hasMessageStartingWith("there is no step 0 of epoch -1");
  }
}
