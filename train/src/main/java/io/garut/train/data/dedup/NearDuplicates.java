package io.garut.train.data.dedup;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.LocatedRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Leaves out records that are nearly like one before them: whose sets of five-word runs (of instruction, context and
 * response together; of all messages; of the text) have a Jaccard measure at or over a threshold.
 *
 * <p>Signatures of 128 minima are cut into bands, and records that agree in all of a band are compared: by their signatures
 * first, then by their sets, so what is left out is like a kept record for certain. A band has as many elements as lets a pair
 * at the threshold be compared with a probability of 0.999 or more (Leskovec, Rajaraman and Ullman, Mining of Massive
 * Datasets, chapter 3). Time grows with the records and with the pairs that agree in a band; the result depends on the
 * records alone.
 */
public final class NearDuplicates {
  private static final double RECALL = 0.999;

  /** More than three standard deviations of a signature's estimate, √(0.25/128) = 0.044. */
  private static final double MARGIN = 0.15;

  private final double threshold;
  private final int rows;
  private final MinHash minHash = new MinHash();
  private final List<LocatedRecord> kept = new ArrayList<>();
  private final List<long[]> sets = new ArrayList<>();
  private final List<int[]> signatures = new ArrayList<>();
  private int[] comparedWith = new int[64];
  private final List<DuplicateReport.Pair> pairs = new ArrayList<>();
  private final Map<Long, Bucket> buckets = new HashMap<>();

  private NearDuplicates(double threshold) {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException("the similarity of near-duplicates is over 0 and at most 1, not " + threshold);
    }
    this.threshold = threshold;
    this.rows = rows(threshold);
  }

  /**
   * Keeps the first of records that are like each other.
   *
   * @param threshold over 0 and at most 1; 0.8 is usual
   */
  public static DuplicateReport remove(List<LocatedRecord> records, double threshold) {
    NearDuplicates found = new NearDuplicates(threshold);
    for (int i = 0; i < records.size(); i++) {
      found.add(records.get(i), i);
    }
    return new DuplicateReport(found.kept, found.pairs);
  }

  /** Elements in a band: the most with which a pair at the threshold is seldom missed. */
  static int rows(double threshold) {
    int rows = 1;
    for (int more = 2; more <= 16; more++) {
      double together = 1 - Math.pow(1 - Math.pow(threshold, more), Math.floorDiv(MinHash.SIZE, more));
      rows = together >= RECALL ? more : rows;
    }
    return rows;
  }

  private void add(LocatedRecord record, int number) {
    long[] set = Shingles.of(Shingles.text(record.record()));
    int[] signature = minHash.signature(set);
    long[] keys = keys(signature);
    for (long key : keys) {
      Bucket bucket = buckets.get(key);
      for (int i = 0; bucket != null && i < bucket.size; i++) {
        int candidate = bucket.members[i];
        if (comparedWith[candidate] == number) {
          continue;
        }
        comparedWith[candidate] = number;
        if (MinHash.similarity(signature, signatures.get(candidate)) < threshold - MARGIN) {
          continue;
        }
        double similarity = Shingles.jaccard(set, sets.get(candidate));
        if (similarity >= threshold) {
          pairs.add(new DuplicateReport.Pair(record.source(), kept.get(candidate).source(), similarity));
          return;
        }
      }
    }
    for (long key : keys) {
      buckets.computeIfAbsent(key, _ -> new Bucket()).add(kept.size());
    }
    if (kept.size() == comparedWith.length) {
      comparedWith = Arrays.copyOf(comparedWith, 2 * comparedWith.length);
    }
    comparedWith[kept.size()] = -1;
    kept.add(record);
    sets.add(set);
    signatures.add(signature);
  }

  private long[] keys(int[] signature) {
    long[] keys = new long[MinHash.SIZE / rows];
    Arrays.setAll(keys, band -> {
      long key = band;
      for (int i = 0; i < rows; i++) {
        key = SplitMix64.bits(key, signature[band * rows + i]);
      }
      return key;
    });
    return keys;
  }

  /** The kept records that agree in one band. */
  private static final class Bucket {
    private int[] members = new int[1];
    private int size;

    void add(int number) {
      if (size == members.length) {
        members = Arrays.copyOf(members, 2 * size);
      }
      members[size++] = number;
    }
  }
}
