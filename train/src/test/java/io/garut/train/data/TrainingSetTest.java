package io.garut.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.train.data.TrainingRecord.Document;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TrainingSetTest {
  private static final RecordEncoder ENCODER = RecordEncoder.of(Tokenizers.plain());

  private static TrainingSet set(int size) {
    return TrainingSet.of(
        IntStream.rangeClosed(1, size)
            .mapToObj(i -> new LocatedRecord(new Document("a".repeat(i % 7 + 1)), new Source(Path.of("a.txt"), i)))
            .toList(),
        ENCODER,
        100);
  }

  @Test
  void recordsAtOrOverTheLengthAreLeftOut() {
    List<LocatedRecord> records = Stream.of("12", "1234567", "1", "123456", "12345")
        .map(text -> new LocatedRecord(new Document(text), new Source(Path.of("a.txt"), text.length())))
        .toList();
    List<Integer> lengths = records.stream().map(r -> ENCODER.encode(r.record()).length()).toList();
    TrainingSet set = TrainingSet.of(records, ENCODER, lengths.get(3));
    assertThat(set.tooLong()).isEqualTo(2);
    assertThat(set.sources()).extracting(Source::line).containsExactly(2L, 1L, 5L);
    assertThat(set.tokens()).isEqualTo(lengths.get(0) + lengths.get(2) + lengths.get(4));
  }

  @Property(seed = "20230412")
  void shufflingAndSplittingLoseNothing(
      @ForAll @IntRange(min = 1, max = 50) int size, @ForAll @IntRange(max = 49) int test, @ForAll long seed) {
    TrainingSet set = set(size);
    TrainingSet shuffled = set.shuffled(seed);
    assertThat(shuffled.sources()).containsExactlyInAnyOrderElementsOf(set.sources());
    for (int i = 0; i < size; i++) {
      int line = Math.toIntExact(shuffled.sources().get(i).line());
      assertThat(shuffled.examples().get(i)).isSameAs(set.examples().get(line - 1));
    }
    if (test >= size) {
      assertThatThrownBy(() -> set.split(test, seed)).hasMessageStartingWith("a test set of " + test + " cannot be taken");
    } else {
      TrainingSet.Split split = set.split(test, seed);
      assertThat(split.test().sources()).hasSize(test);
      assertThat(Stream.concat(split.test().sources().stream(), split.train().sources().stream()).toList())
          .isEqualTo(shuffled.sources());
    }
  }

  @Test
  void ordersDependOnTheSeedAndStayWhatTheyAre() {
    assertThat(Shuffle.order(10, 42)).isEqualTo(Shuffle.order(10, 42)).isNotEqualTo(Shuffle.order(10, 43));
    assertThat(Shuffle.order(0, 42)).isEmpty();
    assertThat(Shuffle.order(10, 42)).containsExactly(8, 2, 4, 7, 0, 5, 1, 9, 3, 6);
  }

  /** χ² of where the first of five elements ends, over 100,000 seeds; 4 degrees of freedom, 18.5 has probability 0.001. */
  @Test
  void everyPlaceIsAsLikely() {
    int[] counts = new int[5];
    for (int seed = 0; seed < 100_000; seed++) {
      int[] order = Shuffle.order(5, seed);
      counts[IntStream.range(0, 5).filter(i -> order[i] == 0).findFirst().orElseThrow()]++;
    }
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - 20_000.0) * (count - 20_000.0) / 20_000.0;
    }
    assertThat(chiSquare).isLessThan(18.5);
  }
}
