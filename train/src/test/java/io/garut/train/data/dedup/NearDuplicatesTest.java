package io.garut.train.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Message;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingRecord;
import io.garut.train.data.TrainingRecord.Document;
import io.garut.train.data.TrainingRecord.Instruction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {
  private static List<LocatedRecord> located(List<? extends TrainingRecord> records) {
    return IntStream.range(0, records.size())
        .mapToObj(i -> new LocatedRecord(records.get(i), new Source(Path.of("a.jsonl"), i + 1)))
        .toList();
  }

  private static List<LocatedRecord> texts(String... texts) {
    return located(Arrays.stream(texts).map(Document::new).toList());
  }

  /** {@code length} words of 1,000, from {@code seed}. */
  private static List<String> words(long seed, int length) {
    return IntStream.range(0, length)
        .mapToObj(i -> "w" + Math.floorMod(SplitMix64.bits(seed, i), 1000))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** The set of runs, spelt out: what the hashes stand for. */
  private static double jaccard(List<String> a, List<String> b) {
    Set<List<String>> left = runs(a);
    Set<List<String>> right = runs(b);
    long common = left.stream().filter(right::contains).count();
    return (double) common / (left.size() + right.size() - common);
  }

  private static Set<List<String>> runs(List<String> words) {
    return IntStream.rangeClosed(0, words.size() - Shingles.WORDS)
        .mapToObj(i -> List.copyOf(words.subList(i, i + Shingles.WORDS)))
        .collect(Collectors.toSet());
  }

  @Test
  void theFirstIsKeptAndTheOthersAreNamed() {
    String tale = "Once upon a time a shepherd counted his sheep until he fell asleep under the old oak tree. ";
    List<LocatedRecord> records = texts(
        tale, "Something else entirely, about wool and the price of hay.", tale.toUpperCase(Locale.ROOT) + "!",
        "short", "Short.", tale + "The end.", "?!", "?!", "!?");
    DuplicateReport report = NearDuplicates.remove(records, 0.8);
    assertThat(report.kept()).extracting(r -> r.source().line()).containsExactly(1L, 2L, 4L, 7L, 9L);
    assertThat(report.pairs()).extracting(DuplicateReport.Pair::toString).containsExactly(
        "a.jsonl:3 is like a.jsonl:1 (1.00)",
        "a.jsonl:5 is like a.jsonl:4 (1.00)",
        "a.jsonl:6 is like a.jsonl:1 (0.88)",
        "a.jsonl:8 is like a.jsonl:7 (1.00)");
    assertThat(report.toString()).startsWith("4 of 9 records left out as near-duplicates\n  a.jsonl:3 is like a.jsonl:1");
    assertThat(NearDuplicates.remove(records, 0.9).pairs()).hasSize(3);
  }

  @Test
  void allOfARecordIsCompared() {
    assertThat(NearDuplicates.remove(located(List.of(
        new Instruction("Sum up.", "A long tale of many sheep and one wolf.", "Sheep."),
        new Instruction("Sum up.", "A short report on the price of hay and wool.", "Hay."),
        new TrainingRecord.Conversation(List.of(
            new Message(Message.Role.USER, "Sum up. A long tale of many sheep"),
            new Message(Message.Role.ASSISTANT, "and one wolf. Sheep."))),
        new TrainingRecord.Completion("Sum up. A long tale of many ", "sheep and one wolf. Sheep."))), 0.8).pairs())
        .extracting(pair -> pair.duplicate().line()).containsExactly(3L, 4L);
  }

  @Test
  void ideographsAreWords() {
    assertThat(Shingles.of("羊は草を食べる羊は草を食べる")).hasSizeGreaterThan(3);
    assertThat(NearDuplicates.remove(texts("山羊草食牧場夏冬春", "山羊草食牧場夏冬秋"), 0.6).pairs()).hasSize(1);
  }

  /** The hashes measure what the words do: within 3.5 standard deviations of 128 minima for the signatures. */
  @Property(tries = 200, seed = "20230412")
  void measuresAreThoseOfTheWords(@ForAll long seed, @ForAll @DoubleRange(min = 0, max = 0.3) double change) {
    List<String> words = words(seed, 200);
    List<String> changed = new ArrayList<>(words);
    for (int i = 0; i < words.size(); i++) {
      if (SplitMix64.uniform(seed + 1, i) < change) {
        changed.set(i, "x" + i);
      }
    }
    double wanted = jaccard(words, changed);
    long[] a = Shingles.of(String.join(" ", words));
    long[] b = Shingles.of(String.join(", ", changed));
    assertThat(Shingles.jaccard(a, b)).isEqualTo(wanted);
    MinHash minHash = new MinHash();
    double deviation = Math.sqrt(wanted * (1 - wanted) / MinHash.SIZE);
    assertThat(MinHash.similarity(minHash.signature(a), minHash.signature(b)))
        .isBetween(wanted - 3.5 * deviation - 1e-12, wanted + 3.5 * deviation + 1e-12);
  }

  @Test
  void bandsLetNearlyAllPairsAtTheThresholdBeCompared() {
    assertThat(NearDuplicates.rows(0.8)).isEqualTo(5);
    assertThat(NearDuplicates.rows(0.95)).isEqualTo(12);
    assertThat(NearDuplicates.rows(1)).isEqualTo(16);
    assertThat(NearDuplicates.rows(0.5)).isEqualTo(2);
    assertThat(NearDuplicates.rows(0.05)).isEqualTo(1);
  }

  /** The comparison of all with all finds the same pairs. */
  @Test
  void pairsAreThoseOfAnExhaustiveSearch() {
    List<List<String>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      List<String> words = i % 3 == 0 ? words(i, 60) : new ArrayList<>(all.get(i - i % 3));
      for (int k = 0; k < i % 3 * (i % 7) / 3; k++) {
        words.set(7 + 11 * k, "x" + i);
      }
      all.add(words);
    }
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      List<String> words = all.get(i);
      if (kept.stream().noneMatch(k -> jaccard(all.get(k), words) >= 0.7)) {
        kept.add(i);
      }
    }
    DuplicateReport report =
        NearDuplicates.remove(texts(all.stream().map(w -> String.join(" ", w)).toArray(String[]::new)), 0.7);
    assertThat(report.kept()).extracting(r -> (int) r.source().line() - 1).isEqualTo(kept);
    assertThat(kept).hasSizeBetween(110, 200);
  }

  @Test
  void aThresholdIsAShare() {
    assertThatThrownBy(() -> NearDuplicates.remove(List.of(), 0)).hasMessageContaining("over 0 and at most 1, not 0.0");
    assertThatThrownBy(() -> NearDuplicates.remove(List.of(), Double.NaN)).hasMessageContaining("not NaN");
    assertThat(NearDuplicates.remove(List.of(), 0.8).toString()).isEqualTo("0 of 0 records left out as near-duplicates");
  }
}
