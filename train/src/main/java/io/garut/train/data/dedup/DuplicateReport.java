package io.garut.train.data.dedup;

import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Source;
import java.util.List;
import java.util.Locale;

/**
 * What {@link NearDuplicates} found.
 *
 * @param kept the records that are left, in their order
 * @param pairs each record that was left out, in their order, and the kept one that it is like
 */
public record DuplicateReport(List<LocatedRecord> kept, List<Pair> pairs) {
  private static final int TOLD = 5;

  /**
   * A record that was left out.
   *
   * @param duplicate where it is
   * @param original where the kept one is that it is like
   * @param similarity the Jaccard measure of their runs of words, from the threshold to 1
   */
  public record Pair(Source duplicate, Source original, double similarity) {
    /** {@code b.jsonl:7 is like a.jsonl:3 (0.93)}. */
    @Override
    public String toString() {
      return duplicate + " is like " + original + String.format(Locale.ROOT, " (%.2f)", similarity);
    }
  }

  /** Takes copies. */
  public DuplicateReport {
    kept = List.copyOf(kept);
    pairs = List.copyOf(pairs);
  }

  /** A line that counts, and one for each of the first few pairs. */
  @Override
  public String toString() {
    int records = kept.size() + pairs.size();
    StringBuilder text = new StringBuilder();
    text.append(pairs.size()).append(" of ").append(records).append(" records left out as near-duplicates");
    pairs.stream().limit(TOLD).forEach(pair -> text.append("\n  ").append(pair));
    return pairs.size() > TOLD ? text.append("\n  …").toString() : text.toString();
  }
}
