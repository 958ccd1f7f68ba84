package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.bpe.ByteAlphabet;
import io.garut.transformer.tokenizer.bpe.Normalization;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import io.garut.transformer.tokenizer.bpe.Utf8;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * Trains a byte-level BPE vocabulary of GPT-NeoX's kind: NFC, words as GPT-2 splits them, no space put before a text.
 *
 * <p>The vocabulary holds the special tokens, then the 256 bytes, then one token for each merge: again and again the
 * pair of neighbours that is most frequent within words, of equals the one with the smaller ids. The result depends on
 * the texts alone, not on their order, and is the one of the {@code BpeTrainer} of Hugging Face's tokenizers 0.23 with
 * the byte alphabet as its initial alphabet.
 *
 * @param vocabularySize the tokens to end with; fewer where the texts do not give as many
 * @param minimumFrequency how often a pair must occur to be merged
 * @param specialTokens texts that become special tokens, with the first ids; they are not looked for while training
 */
public record BpeTrainer(int vocabularySize, long minimumFrequency, List<String> specialTokens) {
  /** Checks the numbers. */
  public BpeTrainer {
    specialTokens = List.copyOf(specialTokens);
    int least = 256 + new HashSet<>(specialTokens).size();
    if (vocabularySize < least || vocabularySize > ByteLevelBpe.LARGEST_ID + 1) {
      throw new IllegalArgumentException("a vocabulary of " + vocabularySize + " tokens is not possible: from " + least
          + " (256 bytes and the special tokens) to " + (ByteLevelBpe.LARGEST_ID + 1));
    }
    if (minimumFrequency < 0) {
      throw new IllegalArgumentException("the minimum frequency cannot be negative: " + minimumFrequency);
    }
    for (String token : specialTokens) {
      if (token.isEmpty() || token.length() > ByteLevelBpe.LONGEST_ADDED_TOKEN || Utf8.loneSurrogate(token) >= 0) {
        throw new IllegalArgumentException("a special token is 1 to " + ByteLevelBpe.LONGEST_ADDED_TOKEN
            + " characters of text: " + TokenizerException.quoted(token));
      }
    }
  }

  /** A trainer to this size that merges pairs which occur twice or more, with {@code <|endoftext|>} as token 0. */
  public static BpeTrainer ofSize(int vocabularySize) {
    return new BpeTrainer(vocabularySize, 2, List.of("<|endoftext|>"));
  }

  /** The same with another minimum frequency. */
  public BpeTrainer minimumFrequency(long frequency) {
    return new BpeTrainer(vocabularySize, frequency, specialTokens);
  }

  /** The same with other special tokens. */
  public BpeTrainer specialTokens(List<String> tokens) {
    return new BpeTrainer(vocabularySize, minimumFrequency, tokens);
  }

  /** Trains on these texts; no word reaches across two of them. */
  public ByteLevelBpe train(Iterator<String> documents) {
    return train(documents, tokens -> { });
  }

  /**
   * Trains on these texts.
   *
   * @param progress told the number of tokens in the vocabulary after each merge
   */
  public ByteLevelBpe train(Iterator<String> documents, IntConsumer progress) {
    Normalization normalization = new Normalization.Unicode(Form.NFC);
    PreTokenizer preTokenizer = new PreTokenizer.ByteLevel(false, true);
    Map<String, Integer> vocabulary = initialVocabulary();
    MergeLearner learner = new MergeLearner(vocabulary, minimumFrequency);
    Map<String, long[]> counts = count(documents, normalization, preTokenizer);
    counts.forEach((word, count) -> learner.add(word, count[0]));
    List<Definition.Merge> merges = learner.learn(vocabularySize, progress);
    Map<Integer, AddedToken> added = new HashMap<>();
    specialTokens.forEach(token -> added.put(vocabulary.get(token), AddedToken.special(token)));
    Definition definition = new Definition(
        vocabulary,
        merges,
        Definition.Unknown.LEFT_OUT,
        false,
        new TreeMap<>(added),
        normalization,
        preTokenizer,
        Definition.Template.NONE);
    try {
      return new ByteLevelBpe(definition, "the trained vocabulary");
    } catch (TokenizerException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Integer> initialVocabulary() {
    Map<String, Integer> vocabulary = new HashMap<>();
    for (String token : specialTokens) {
      vocabulary.putIfAbsent(token, vocabulary.size());
    }
    List<String> bytes = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      bytes.add(String.valueOf(ByteAlphabet.character(b)));
    }
    bytes.sort(null);
    for (String b : bytes) {
      vocabulary.putIfAbsent(b, vocabulary.size());
    }
    return vocabulary;
  }

  private static Map<String, long[]> count(
      Iterator<String> documents, Normalization normalization, PreTokenizer preTokenizer) {
    Map<String, long[]> counts = new HashMap<>();
    while (documents.hasNext()) {
      byte[] text = Utf8.encode(normalization.apply(documents.next()));
      if (text.length > 0) {
        preTokenizer.split(text, 0, text.length, (bytes, from, to) ->
            counts.computeIfAbsent(ByteAlphabet.toText(bytes, from, to), word -> new long[1])[0]++);
      }
    }
    return counts;
  }
}
