package io.garut.transformer.evaluation;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.CausalModel;
import io.garut.transformer.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Scores given tokens: the log-probability of each after those before it, without a cache. Log-likelihoods are
 * lm-evaluation-harness's.
 */
public final class Scorer {
  /** Rows of logits made at a time: V is large, and 64 rows already keep the product busy. */
  private static final int ROWS = 64;

  /** Tokens that go through the model at once: enough to keep its products busy. */
  private static final int BATCH = 1024;

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
   * What is to be scored.
   *
   * @param context what is read before, one token at least
   * @param continuation what is scored, one token at least
   */
  public record Request(int[] context, int[] continuation) {}

  /**
   * The log-likelihood of {@code continuation} after {@code context}. Where both are longer than the model's context,
   * the context loses its beginning.
   *
   * @throws IllegalArgumentException if either is empty, or the continuation alone is too long
   */
  public LogLikelihood logLikelihood(int[] context, int[] continuation) {
    return logLikelihoods(List.of(new Request(context, continuation)), done -> {}).getFirst();
  }

  /**
   * The log-likelihood of each request, as {@link #logLikelihood} gives it up to rounding. Several go through the model
   * at once, the longest first: none of them sees the others.
   *
   * @param progress hears after each batch how many are done
   * @throws IllegalArgumentException if a part is empty, or a continuation alone is too long
   */
  public List<LogLikelihood> logLikelihoods(List<Request> requests, IntConsumer progress) {
    List<Sequence> sequences = requests.stream().map(this::sequence).toList();
    Integer[] order = new Integer[sequences.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingInt(i -> -sequences.get(i).tokens.length)); // a stable sort
    LogLikelihood[] results = new LogLikelihood[order.length];
    for (int at = 0; at < order.length; ) {
      int end = at;
      List<Sequence> batch = new ArrayList<>();
      for (int tokens = 0; end < order.length; end++) {
        Sequence next = sequences.get(order[end]);
        tokens += next.tokens.length;
        if (tokens > BATCH && !batch.isEmpty()) {
          break;
        }
        batch.add(next);
      }
      Scores scores = score(batch);
      for (int i = at; i < end; i++) {
        results[order[i]] = new LogLikelihood(-scores.totals[i - at], scores.greedy[i - at]);
      }
      at = end;
      progress.accept(at);
    }
    return List.of(results);
  }

  private Sequence sequence(Request request) {
    int[] context = request.context;
    int[] continuation = request.continuation;
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
    return new Sequence(tokens, kept);
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
  public Perplexity perplexity(int[] tokens, int window, IntConsumer progress) {
    double total = 0;
    long scored = 0;
    for (int at = 0; at < tokens.length; at += window) {
      int[] part = Arrays.copyOfRange(tokens, at, Math.min(at + window, tokens.length));
      if (part.length > 1) {
        total += score(List.of(new Sequence(part, 1))).totals[0];
        scored += part.length - 1;
      }
      progress.accept(at + part.length);
    }
    return new Perplexity(scored, total / scored);
  }

  /** Tokens of which those from {@code from} on are scored. */
  private record Sequence(int[] tokens, int from) {
    /** All but the last, which is predicted only. */
    int[] read() {
      return Arrays.copyOf(tokens, tokens.length - 1);
    }
  }

  /** For each sequence −log P summed over what is scored of it, and whether each token has the largest logit. */
  private record Scores(double[] totals, boolean[] greedy) {}

  private Scores score(List<Sequence> sequences) {
    Scores scores = new Scores(new double[sequences.size()], new boolean[sequences.size()]);
    Arrays.fill(scores.greedy, true);
    int count = sequences.stream().mapToInt(sequence -> sequence.tokens.length - sequence.from).sum();
    int[] rows = new int[count]; // of the hidden states that predict
    int[] targets = new int[count];
    int[] owners = new int[count];
    int at = 0;
    int start = 0;
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
      for (int i = sequence.from; i < sequence.tokens.length; i++, at++) {
        rows[at] = start + i - 1;
        targets[at] = sequence.tokens[i];
        owners[at] = s;
      }
      start += sequence.tokens.length - 1;
    }
    try (TensorScope _ = TensorScope.open();
        TokenBatch batch = TokenBatch.sequences(sequences.stream().map(Sequence::read).toArray(int[][]::new))) {
      Tensor hidden = model.hidden(batch, null);
      for (int from = 0; from < count; from += ROWS) {
        int to = Math.min(from + ROWS, count);
        score(hidden, Arrays.copyOfRange(rows, from, to), targets, owners, from, scores);
      }
    }
    if (!Arrays.stream(scores.totals).allMatch(Double::isFinite)) {
      throw new NonFiniteException("the model's log-probabilities are not finite: its weights are damaged or too large");
    }
    return scores;
  }

  /** Adds what the hidden states in {@code rows} tell of {@code targets}, from {@code from} on. */
  private void score(Tensor hidden, int[] rows, int[] targets, int[] owners, int from, Scores scores) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor logits = model.logits(hidden.indexSelect(0, Tensor.of(rows)));
      Tensor labels = Tensor.of(Arrays.copyOfRange(targets, from, from + rows.length));
      double[] losses = Executor.current().apply(new Layer.CrossEntropy(), logits, labels)[0].toDoubleArray();
      long[] best = logits.argmax(-1).toLongArray();
      for (int i = 0; i < rows.length; i++) {
        scores.totals[owners[from + i]] += losses[i];
        scores.greedy[owners[from + i]] &= best[i] == targets[from + i];
      }
    }
  }
}
