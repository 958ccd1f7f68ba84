package io.garut.train;

import io.garut.tensor.Tensor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;

/**
 * Floating-point operations that a training step asks for, by which its share of the machine's peak is told (the model FLOPs
 * of PaLM, Chowdhery et al. 2022): those of products with weights, one on the way there, and on the way back one for the input
 * and one for a weight that learns. Attention, all else, and what activation recomputation does again are left out.
 *
 * @param token of each token that is read
 * @param learnt of each token that is learnt, for its logits
 */
public record ModelFlops(double token, double learnt) {
  /** Of {@code model}, of which {@code trained} parameters learn. */
  public static ModelFlops of(GptNeoX model, long trained) {
    NeoXConfig config = model.config();
    double head = (double) config.vocabularySize() * config.hiddenSize();
    double all = model.weights().stream().mapToLong(Tensor::elements).sum();
    double body = all - (config.tiedEmbeddings() ? head : 2 * head); // a look-up in the embedding computes nothing
    boolean adapter = trained < all / 2;
    double passes = adapter ? 2 : 3;
    return new ModelFlops(2 * passes * body, 2 * passes * head);
  }

  /** Of a whole step. */
  public double of(long tokens, long learntTokens) {
    return token * tokens + learnt * learntTokens;
  }
}
