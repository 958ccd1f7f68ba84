package io.garut.transformer.evaluation;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.CausalModel;
import io.garut.transformer.TokenBatch;
import java.util.Arrays;

/**
 * Scores given tokens: the log-probability of each after those before it, without a cache. Log-likelihoods are
 * lm-evaluation-harness's.
 */
public final class Scorer {
  /** Rows of logits made at a time: V is large, and 64 rows already keep the product busy. */
  private static final int ROWS = 64;

  private final CausalModel model;

  /** A scorer for {@code model}, which the caller closes. */
  public Scorer(CausalModel model) {
    this.model = model;
  }

  /**
   * The log-likelihood of a continuation.
   *
   * @param logLikelihood Σ log P(token | what is before it), natural
   * @param greedy whether greedy decoding would produce the continuation
   */
  public record LogLikelihood(double logLikelihood, boolean greedy) {}

  /**
   * How a text is predicted.
   *
   * @param scored how many tokens were scored
   * @param negativeLogLikelihood their mean −log P, natural
   */
  public record Perplexity(long scored, double negativeLogLikelihood) {
    /** exp(mean −log P). */
    public double perplexity() {
      return Math.exp(negativeLogLikelihood);
    }
  }

  /**
   * The log-likelihood of {@code continuation} after {@code context}. Where both are longer than the model's context,
   * the context loses its beginning.
   *
   * @throws IllegalArgumentException if either is empty, or the continuation alone is too long
   */
  public LogLikelihood logLikelihood(int[] context, int[] continuation) {
    if (context.length == 0 || continuation.length == 0) {
      throw new IllegalArgumentException("context and continuation must each hold a token");
    }
    int limit = model.contextLength();
    if (continuation.length > limit) {
      throw new IllegalArgumentException(
          "the continuation has " + continuation.length + " tokens, the model's context holds " + limit);
    }
    // the last token is predicted, never read: limit + 1 fit
    int kept = Math.min(context.length, limit + 1 - continuation.length);
    int[] tokens = new int[kept + continuation.length];
    System.arraycopy(context, context.length - kept, tokens, 0, kept);
    System.arraycopy(continuation, 0, tokens, kept, continuation.length);
    Scores scores = score(tokens, kept);
    return new LogLikelihood(-scores.total, scores.greedy);
  }

  /**
   * Perplexity over windows of {@code window} tokens that do not overlap; every token but each window's first is
   * scored.
   *
   * @throws IllegalArgumentException if there is nothing to score
   */
  public Perplexity perplexity(int[] tokens, int window) {
    if (tokens.length < 2 || window < 2) {
      throw new IllegalArgumentException("perplexity needs two tokens and a window of two at least");
    }
    return perplexity(tokens, window, done -> {});
  }

  /** The same; {@code progress} hears how many tokens are done. */
  public Perplexity perplexity(int[] tokens, int window, java.util.function.IntConsumer progress) {
    double total = 0;
    long scored = 0;
    for (int at = 0; at < tokens.length; at += window) {
      int[] part = Arrays.copyOfRange(tokens, at, Math.min(at + window, tokens.length));
      if (part.length > 1) {
        total += score(part, 1).total;
        scored += part.length - 1;
      }
      progress.accept(at + part.length);
    }
    return new Perplexity(scored, total / scored);
  }

  private record Scores(double total, boolean greedy) {}

  /** −log P summed over {@code tokens[from..]}, and whether each has the largest logit. */
  private Scores score(int[] tokens, int from) {
    int read = tokens.length - 1;
    double total = 0;
    boolean greedy = true;
    try (TensorScope _ = TensorScope.open();
        TokenBatch batch = TokenBatch.sequences(Arrays.copyOf(tokens, read))) {
      Tensor hidden = model.hidden(batch, null);
      for (int row = from - 1; row < read; row += ROWS) {
        int end = Math.min(row + ROWS, read);
        try (TensorScope _ = TensorScope.open()) {
          Tensor logits = model.logits(hidden.slice(0, row, end));
          int[] targets = Arrays.copyOfRange(tokens, row + 1, end + 1);
          Tensor losses = Executor.current().apply(new Layer.CrossEntropy(), logits, Tensor.of(targets))[0];
          for (double loss : losses.toDoubleArray()) {
            total += loss;
          }
          long[] best = logits.argmax(-1).toLongArray();
          for (int i = 0; i < targets.length; i++) {
            greedy &= best[i] == targets[i];
          }
        }
      }
    }
    if (!Double.isFinite(total)) {
      throw new NonFiniteException("the model's log-probabilities are not finite: its weights are damaged or too large");
    }
    return new Scores(total, greedy);
  }
}
