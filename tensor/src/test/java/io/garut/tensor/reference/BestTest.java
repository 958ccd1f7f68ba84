package io.garut.tensor.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.op.SplitMix64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BestTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 0", "7, 3", "33, 33", "1000, 17", "1000, 999"})
  void isAStableSortsBeginning(int count, int k) {
    Best best = new Best(k);
    for (long seed = 0; seed < 5; seed++) {
      int[] values = new int[count];
      for (int i = 0; i < count; i++) {
        values[i] = (int) (SplitMix64.uniform(seed, i) * count / 2); // with ties
      }
      best.select(count, (i, j) -> Integer.compare(values[i], values[j]));
      Comparator<Integer> descending = (i, j) -> Integer.compare(values[j], values[i]);
      List<Integer> sorted = IntStream.range(0, count).boxed().sorted(descending).limit(k).toList();
      assertThat(IntStream.range(0, k).map(best::get).boxed().toList()).isEqualTo(sorted);
    }
  }
}
