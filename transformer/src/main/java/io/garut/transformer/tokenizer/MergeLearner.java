package io.garut.transformer.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * Learns merges from counted words. Each pair's count is kept up to date as words change; a queue gives the most
 * frequent one, and remembers which words to visit.
 */
final class MergeLearner {
  private final Map<String, Integer> vocabulary;
  private final List<String> tokens = new ArrayList<>();
  private final long minimumFrequency;
  private final List<int[]> words = new ArrayList<>();
  private final List<Long> frequencies = new ArrayList<>();
  private final Map<Long, Count> counts = new HashMap<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

  /** How often a pair occurs now. */
  private static final class Count {
    private long value;
  }

  /** A pair, how often it occurred when it was queued, and the words in which it was then found. */
  private record Candidate(long pair, long count, IntList words) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byCount = Long.compare(other.count, count);
      return byCount != 0 ? byCount : Long.compare(pair, other.pair);
    }
  }

  /** A learner that adds what it merges to {@code vocabulary}, which holds every character of the words to come. */
  MergeLearner(Map<String, Integer> vocabulary, long minimumFrequency) {
    this.vocabulary = vocabulary;
    this.minimumFrequency = minimumFrequency;
    tokens.addAll(Collections.nCopies(vocabulary.size(), ""));
    vocabulary.forEach((token, id) -> tokens.set(id, token));
  }

  /** A word and how often it occurs. */
  void add(String word, long frequency) {
    words.add(word.chars().map(c -> vocabulary.get(String.valueOf((char) c))).toArray());
    frequencies.add(frequency);
  }

  /** Merges until the vocabulary has {@code size} tokens or no pair is frequent enough. */
  List<Definition.Merge> learn(int size, IntConsumer progress) {
    countPairs();
    // A pair may be merged again after another one made its result anew: then its later rank counts.
    Map<Long, Definition.Merge> merges = new LinkedHashMap<>();
    while (vocabulary.size() < size && !queue.isEmpty()) {
      Candidate top = queue.poll();
      long count = counts.get(top.pair).value;
      if (top.count != count) {
        queue.add(new Candidate(top.pair, count, top.words));
        continue;
      }
      if (count < Math.max(1, minimumFrequency)) {
        break;
      }
      String left = tokens.get(left(top.pair));
      String right = tokens.get(right(top.pair));
      String merged = left + right;
      Integer known = vocabulary.putIfAbsent(merged, tokens.size());
      if (known == null) {
        tokens.add(merged);
      }
      merges.remove(top.pair);
      merges.put(top.pair, new Definition.Merge(left, right));
      merge(top, known != null ? known : tokens.size() - 1);
      progress.accept(vocabulary.size());
    }
    return new ArrayList<>(merges.values());
  }

  private void countPairs() {
    Map<Long, IntList> found = new HashMap<>();
    for (int w = 0; w < words.size(); w++) {
      int[] word = words.get(w);
      for (int i = 0; i + 1 < word.length; i++) {
        change(pair(word[i], word[i + 1]), frequencies.get(w), w, found);
      }
    }
    enqueue(found);
  }

  private void merge(Candidate top, int merged) {
    Map<Long, IntList> found = new HashMap<>();
    int left = left(top.pair);
    int right = right(top.pair);
    for (int w : top.words.toArray()) {
      int[] word = words.get(w);
      long frequency = frequencies.get(w);
      int kept = 0;
      int i = 0;
      while (i < word.length) {
        if (word[i] != left || i + 1 == word.length || word[i + 1] != right) {
          word[kept++] = word[i++];
          continue;
        }
        if (kept > 0) {
          change(pair(word[kept - 1], left), -frequency, w, found);
          change(pair(word[kept - 1], merged), frequency, w, found);
        }
        if (i + 2 < word.length) {
          change(pair(right, word[i + 2]), -frequency, w, found);
          change(pair(merged, word[i + 2]), frequency, w, found);
        }
        word[kept++] = merged;
        i += 2;
      }
      words.set(w, Arrays.copyOf(word, kept));
    }
    enqueue(found);
  }

  private void change(long pair, long by, int word, Map<Long, IntList> found) {
    counts.computeIfAbsent(pair, p -> new Count()).value += by;
    if (by > 0) {
      IntList where = found.computeIfAbsent(pair, p -> new IntList(4));
      if (where.isEmpty() || where.last() != word) {
        where.add(word);
      }
    }
  }

  private void enqueue(Map<Long, IntList> found) {
    found.forEach((pair, where) -> {
      long count = counts.get(pair).value;
      if (count > 0) {
        queue.add(new Candidate(pair, count, where));
      }
    });
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  private static int left(long pair) {
    return (int) (pair >>> 32);
  }

  private static int right(long pair) {
    return (int) pair;
  }
}
