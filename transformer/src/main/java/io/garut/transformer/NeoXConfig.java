package io.garut.transformer;

import io.garut.tensor.op.Activation;
import java.util.List;
import java.util.Objects;

/**
 * What the shape of a GPT-NeoX model is, with the meaning that Transformers' {@code GPTNeoXConfig} gives each key.
 *
 * @param vocabularySize V, rows of the embedding
 * @param hiddenSize features of a token
 * @param layers blocks
 * @param heads attention heads; {@code hiddenSize} is a multiple
 * @param intermediateSize features inside the feed-forward part
 * @param activation the feed-forward part's non-linearity
 * @param rotary position embedding
 * @param maxPositions the context it was trained with, in tokens
 * @param layerNormEpsilon ε of every layer norm
 * @param parallelResidual whether attention and feed-forward part both read the block's input
 * @param attentionBias whether the attention's two projections have a bias
 * @param tiedEmbeddings whether the head uses the embedding's weights
 * @param bosTokenId what begins a document
 * @param eosTokenIds what ends one: any of these, one at least
 */
public record NeoXConfig(
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int intermediateSize,
    Activation activation,
    RotaryConfig rotary,
    int maxPositions,
    double layerNormEpsilon,
    boolean parallelResidual,
    boolean attentionBias,
    boolean tiedEmbeddings,
    int bosTokenId,
    List<Integer> eosTokenIds) {

  /** The longest context that is run, in tokens: the tables for it have a place in memory. */
  private static final int LONGEST = 1 << 20;

  /** The same with one token that ends a document. */
  public NeoXConfig(
      int vocabularySize,
      int hiddenSize,
      int layers,
      int heads,
      int intermediateSize,
      Activation activation,
      RotaryConfig rotary,
      int maxPositions,
      double layerNormEpsilon,
      boolean parallelResidual,
      boolean attentionBias,
      boolean tiedEmbeddings,
      int bosTokenId,
      int eosTokenId) {
    this(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        intermediateSize,
        activation,
        rotary,
        maxPositions,
        layerNormEpsilon,
        parallelResidual,
        attentionBias,
        tiedEmbeddings,
        bosTokenId,
        List.of(eosTokenId));
  }

  /** Checks that the numbers go together. */
  public NeoXConfig {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(rotary, "rotary");
    eosTokenIds = List.copyOf(eosTokenIds);
    if (eosTokenIds.isEmpty()) {
      throw new IllegalArgumentException("eos_token_id names no token; a model needs one that ends a document");
    }
    positive("vocab_size", vocabularySize);
    positive("hidden_size", hiddenSize);
    positive("num_hidden_layers", layers);
    positive("num_attention_heads", heads);
    positive("intermediate_size", intermediateSize);
    positive("max_position_embeddings", maxPositions);
    if (maxPositions > LONGEST) {
      throw new IllegalArgumentException("max_position_embeddings is " + maxPositions + ", over " + LONGEST);
    }
    if (hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "hidden_size " + hiddenSize + " is not a multiple of num_attention_heads " + heads);
    }
    if (!(layerNormEpsilon > 0) || layerNormEpsilon > 1) {
      throw new IllegalArgumentException("layer_norm_eps must lie between 0 and 1, not be " + layerNormEpsilon);
    }
    int headSize = hiddenSize / heads;
    int rotated = rotated(headSize, rotary);
    if (rotated < 2 || rotated % 2 != 0) {
      throw new IllegalArgumentException(
          "rotary_pct " + rotary.fraction() + " of a head of " + headSize + " rotates " + rotated
              + " elements; it must be an even number, 2 at least");
    }
  }

  /** A fraction that was itself made of two whole numbers gives the first of them back. */
  private static int rotated(int headSize, RotaryConfig rotary) {
    return (int) (headSize * rotary.fraction() + 1e-9);
  }

  private static void positive(String key, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(key + " must be positive, not " + value);
    }
  }

  /** What ends a document: the first of {@link #eosTokenIds}. */
  public int eosTokenId() {
    return eosTokenIds.getFirst();
  }

  /** Elements of one head. */
  public int headSize() {
    return hiddenSize / heads;
  }

  /** How many elements of each head rotate: ⌊headSize·fraction⌋. */
  public int rotatedElements() {
    return rotated(headSize(), rotary);
  }

  /** Positions that the rotary table serves: the trained context, stretched by the rotary scaling. */
  public int contextLength() {
    return (int) Math.min(LONGEST, (long) Math.ceil(maxPositions * rotary.scaling().stretch()));
  }

  /** The number of parameters, as GPT-NeoX counts them. */
  public long parameters() {
    long h = hiddenSize;
    long f = intermediateSize;
    long attention = 3 * h * h + h * h + (attentionBias ? 4 * h : 0);
    long feedForward = 2 * h * f + f + h;
    long embeddings = (tiedEmbeddings ? 1 : 2) * (long) vocabularySize * h;
    return layers * (attention + feedForward + 4 * h) + 2 * h + embeddings;
  }
}
