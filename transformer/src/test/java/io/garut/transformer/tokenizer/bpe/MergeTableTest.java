package io.garut.transformer.tokenizer.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergeTableTest {
  @Test
  void shortAndLongWordsMergeInTheSameOrder() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      int alphabet = 2 + random.nextInt(4);
      int merges = 1 + random.nextInt(30);
      int[][] rules = new int[merges][2];
      MergeTable table = new MergeTable(merges);
      for (int rank = 0; rank < merges; rank++) {
        rules[rank] = new int[] {random.nextInt(alphabet + rank), random.nextInt(alphabet + rank)};
        table.put(rules[rank][0], rules[rank][1], rank, alphabet + rank);
      }
      int[] word = random.ints(1 + random.nextInt(130), 0, alphabet).toArray();
      int[] expected = plain(word, rules, alphabet);
      int[] symbols = word.clone();
      int count = table.merge(symbols, symbols.length);
      assertThat(Arrays.copyOf(symbols, count)).isEqualTo(expected);
    }
  }

  /** By the definition: the pair of lowest rank, leftmost first, until none is left; a pair's later rule counts. */
  private static int[] plain(int[] word, int[][] rules, int alphabet) {
    int[] symbols = word.clone();
    while (true) {
      int best = -1;
      int bestRank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < symbols.length; i++) {
        for (int rank = rules.length - 1; rank >= 0; rank--) {
          if (rules[rank][0] == symbols[i] && rules[rank][1] == symbols[i + 1]) {
            if (rank < bestRank) {
              best = i;
              bestRank = rank;
            }
            break;
          }
        }
      }
      if (best < 0) {
        return symbols;
      }
      symbols[best] = alphabet + bestRank;
      System.arraycopy(symbols, best + 2, symbols, best + 1, symbols.length - best - 2);
      symbols = Arrays.copyOf(symbols, symbols.length - 1);
    }
  }
}
