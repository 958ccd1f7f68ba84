package io.garut.cli.training;

import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;

/**
 * Floating-point operations of a step, those of products with weights: one on the way there, and on the way back one for the
 * input and one for a weight that learns. Attention and all else are left out.
 *
 * @param token of each token that is read
 * @param learnt of each token that is learnt, for its logits
 */
record Work(double token, double learnt) {
  /** Of {@code model}, of which {@code trained} parameters learn. */
  static Work of(GptNeoX model, long trained) {
    NeoXConfig config = model.config();
    double head = (double) config.vocabularySize() * config.hiddenSize();
    double all = model.weights().stream().mapToLong(weight -> weight.elements()).sum();
    double body = all - (config.tiedEmbeddings() ? head : 2 * head); // a look-up in the embedding computes nothing
    boolean adapter = trained < all / 2;
    double passes = adapter ? 2 : 3;
    return new Work(2 * passes * body, 2 * passes * head);
  }

  /** Of a whole step. */
  double of(long tokens, long learntTokens) {
    return token * tokens + learnt * learntTokens;
  }
}
