package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import java.util.Set;

/**
 * A model that predicts the next token, whatever its family: what generation and evaluation need of it. Single-device
 * code; safe for several threads, each with caches of its own.
 */
public interface CausalModel extends AutoCloseable {
  /** V. */
  int vocabularySize();

  /** The longest sequence it takes, in tokens. */
  int contextLength();

  /** The token that ends a document. */
  int eosTokenId();

  /** The tokens at which a text ends: {@link #eosTokenId}, and others where the model has several. */
  default Set<Integer> endTokenIds() {
    return Set.of(eosTokenId());
  }

  /** An empty cache for {@code slots} sequences of {@code capacity} tokens, F32 or F16. */
  KvCache newCache(int slots, int capacity, DType dtype);

  /**
   * The last hidden state of every token, after the final norm: [T, hidden].
   *
   * @param cache where keys and values are read and added (its lengths are the caller's to advance), or null for whole
   *     sequences
   */
  Tensor hidden(TokenBatch tokens, KvCache cache);

  /** The logits [T, V] that follow from hidden states [T, hidden]. */
  Tensor logits(Tensor hidden);

  /**
   * Writes what depends on where {@code tokens} stand, in place. {@link #hidden} does this itself; the replay of a plan
   * does not.
   *
   * @throws IllegalArgumentException if a sequence exceeds the model's context
   */
  void place(TokenBatch tokens);

  @Override
  void close();
}
