package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.bpe.Normalization;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a tokenizer.json says, in one form whatever it was read from.
 *
 * @param vocabulary the model's tokens, written in the byte alphabet, and their ids
 * @param merges pairs in the order of their ranks
 * @param unknown how bytes without a token are encoded
 * @param ignoreMerges whether a word that is itself a token is taken whole
 * @param added added tokens by id, whether or not the vocabulary holds them too
 * @param normalization what is done to text first
 * @param preTokenizer how it is then cut into words
 * @param template the special tokens put round a text
 */
record Definition(
    Map<String, Integer> vocabulary,
    List<Merge> merges,
    Unknown unknown,
    boolean ignoreMerges,
    SortedMap<Integer, AddedToken> added,
    Normalization normalization,
    PreTokenizer preTokenizer,
    Template template) {

  /** One merge: two tokens that become the token written by putting them together. */
  record Merge(String left, String right) {}

  /**
   * What becomes of bytes without a token.
   *
   * @param token the token that stands for each, or null: they are left out
   * @param fuse whether neighbours become one
   */
  record Unknown(String token, boolean fuse) {
    static final Unknown LEFT_OUT = new Unknown(null, false);
  }

  /** Special tokens before and after a text. */
  record Template(List<Special> before, List<Special> after) {
    static final Template NONE = new Template(List.of(), List.of());

    Template {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  /** What a template calls a special token, and its ids. */
  record Special(String name, List<Integer> ids) {
    Special {
      ids = List.copyOf(ids);
    }
  }

  Definition {
    vocabulary = Collections.unmodifiableMap(vocabulary);
    merges = Collections.unmodifiableList(merges);
    added = Collections.unmodifiableSortedMap(new TreeMap<>(added));
  }

  /** The same with other added tokens. */
  Definition withAdded(SortedMap<Integer, AddedToken> others) {
    return new Definition(
        vocabulary, merges, unknown, ignoreMerges, others, normalization, preTokenizer, template);
  }

  /** The largest id, or −1. */
  int largestId() {
    int largest = vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    return added.isEmpty() ? largest : Math.max(largest, added.lastKey());
  }
}
