package io.garut.transformer.sampling;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.op.SplitMix64;
import java.util.Objects;

/**
 * Chooses tokens, one after another, for one sequence. Two samplers with the same parameters that see the same logits
 * choose the same tokens, on every machine. For one thread; a token takes no heap.
 */
public final class Sampler {
  private final SamplingParameters parameters;
  private final LogitsProcessor[] processors;
  private final int vocabulary;
  private final SamplingScratch scratch;
  private long drawn;
  private double logProbability = Double.NaN;

  /**
   * A sampler that has drawn nothing yet.
   *
   * @param vocabulary how many logits there are each time
   */
  public Sampler(SamplingParameters parameters, int vocabulary) {
    this.parameters = Objects.requireNonNull(parameters, "parameters");
    this.vocabulary = vocabulary;
    processors = parameters.processors().toArray(LogitsProcessor[]::new);
    scratch = new SamplingScratch(vocabulary);
  }

  /** The parameters given. */
  public SamplingParameters parameters() {
    return parameters;
  }

  /**
   * Chooses the next token. The logits are changed on the way: what is left in them is what the token was drawn from.
   *
   * @param logits one for each token of the vocabulary, at the front of the array
   * @param history the tokens so far, prompt included, none of them negative
   * @param historyLength how many of them count
   * @return its id; of equally probable ones the smallest, if no token is drawn but the most probable taken
   * @throws NonFiniteException if a logit is NaN or +∞, or if all are −∞
   */
  public int sample(float[] logits, int[] history, int historyLength) {
    Objects.checkFromIndexSize(0, vocabulary, logits.length);
    Objects.checkFromIndexSize(0, historyLength, history.length);
    checkHistory(history, historyLength);
    float max = largest(logits, "the model gave no token a probability");
    double logSum = max + logSum(logits, max);
    // The logits are about to change: remember what the chosen token's was.
    int likeliest = processors.length == 0 && parameters.isGreedy() ? first(logits, max) : -1;
    if (likeliest >= 0) {
      logProbability = logits[likeliest] - logSum;
      return likeliest;
    }
    System.arraycopy(logits, 0, scratch.original, 0, vocabulary);
    for (LogitsProcessor processor : processors) {
      processor.process(logits, vocabulary, history, historyLength, scratch);
    }
    float processed = largest(logits, "the rules leave no token: loosen the one on n-grams");
    int token = parameters.isGreedy() ? first(logits, processed) : draw(logits, processed);
    logProbability = scratch.original[token] - logSum;
    return token;
  }

  /**
   * The natural logarithm of the probability that the model itself, before any processor, gave the token last chosen;
   * NaN before the first.
   */
  public double logProbability() {
    return logProbability;
  }

  private void checkHistory(int[] history, int historyLength) {
    for (int i = 0; i < historyLength; i++) {
      if (history[i] < 0) {
        throw new IllegalArgumentException("token " + i + " of the history is " + history[i] + "; ids start at 0");
      }
    }
  }

  private double logSum(float[] logits, float max) {
    Weights.fill(logits, vocabulary, max, scratch.weights);
    return StrictMath.log(Weights.sum(scratch.weights, vocabulary, scratch.sums));
  }

  /** The largest logit, after a look at all of them. */
  private float largest(float[] logits, String none) {
    float max = Weights.max(logits, vocabulary); // NaN if any is
    if (Math.abs(max) <= Float.MAX_VALUE) {
      return max;
    }
    if (max == Float.NEGATIVE_INFINITY) {
      throw new NonFiniteException("all " + vocabulary + " logits are -Infinity: " + none);
    }
    int at = 0;
    while (logits[at] <= Float.MAX_VALUE) {
      at++;
    }
    throw new NonFiniteException("the logit of token " + at + " is " + logits[at]
        + ": the weights are damaged, or a type too narrow for them is used");
  }

  private int first(float[] logits, float value) {
    int at = 0;
    while (logits[at] != value) {
      at++;
    }
    return at;
  }

  /** The token at which the running sum of the weights passes a uniform share of it all. */
  private int draw(float[] logits, float max) {
    Weights.fill(logits, vocabulary, max, scratch.weights);
    double sum = Weights.sum(scratch.weights, vocabulary, scratch.sums);
    double target = SplitMix64.uniform(parameters.seed(), drawn++) * sum;
    return Weights.at(scratch.weights, vocabulary, scratch.sums, target);
  }
}
