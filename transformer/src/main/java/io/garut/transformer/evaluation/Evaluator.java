package io.garut.transformer.evaluation;

import io.garut.transformer.CausalModel;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import java.util.function.IntConsumer;

/** Asks a model the questions of tasks, and marks the answers. */
public final class Evaluator {
  /** How often a perplexity's questions are drawn anew to tell its error. */
  public static final int RESAMPLES = 100_000;

  private final CausalModel model;
  private final Tokenizer tokenizer;

  /** For {@code model}, which the caller closes, and its tokenizer. */
  public Evaluator(CausalModel model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * Asks all questions of {@code file}.
   *
   * @param progress hears how many passages have been scored; an exception of its ends the evaluation
   * @throws RecordException if a question has no tokens, or more than the model's context holds
   * @throws IllegalArgumentException if there is no question
   */
  public TaskResult evaluate(TaskFile file, IntConsumer progress) throws RecordException {
    if (file.items().isEmpty()) {
      throw new IllegalArgumentException("there is no question of " + file.task().id());
    }
    List<Scorer.Request> requests = new ArrayList<>();
    for (Item item : file.items()) {
      for (Passage passage : item.passages()) {
        requests.add(request(item, passage));
      }
    }
    List<Scorer.LogLikelihood> answers = new Scorer(model).logLikelihoods(requests, progress);
    List<TaskResult.Score> scores = new ArrayList<>();
    for (Measure measure : file.task().measures()) {
      scores.add(score(measure, marks(measure, file.items(), answers)));
    }
    return new TaskResult(file.task(), file.records(), file.items().size(), scores);
  }

  private Scorer.Request request(Item item, Passage passage) throws RecordException {
    Scorer.Request request = passage.encode(tokenizer, model.eosTokenId());
    int length = request.continuation().length;
    if (length == 0 || length > model.contextLength()) {
      String what = "a continuation of " + length + " tokens; the model's context holds " + model.contextLength();
      throw new RecordException(item.place(), what, "leave the record out");
    }
    return request;
  }

  /** What each question gets. */
  private static double[] marks(Measure measure, List<Item> items, List<Scorer.LogLikelihood> answers) {
    double[] marks = new double[items.size()];
    int at = 0;
    for (int i = 0; i < marks.length; i++) {
      Item item = items.get(i);
      List<Scorer.LogLikelihood> own = answers.subList(at, at + item.passages().size());
      at += own.size();
      marks[i] =
          switch (item) {
            case Item.Cloze _ -> mark(measure, own.getFirst());
            case Item.Choice choice -> mark(measure, choice, own);
          };
    }
    return marks;
  }

  private static double mark(Measure measure, Scorer.LogLikelihood answer) {
    return switch (measure) {
      case ACC -> answer.greedy() ? 1 : 0;
      case PERPLEXITY -> answer.logLikelihood();
      case ACC_NORM -> throw new IllegalArgumentException("there are no choices to compare");
    };
  }

  private static double mark(Measure measure, Item.Choice choice, List<Scorer.LogLikelihood> answers) {
    int best = 0;
    for (int i = 1; i < answers.size(); i++) {
      best = worth(measure, choice, answers, i) > worth(measure, choice, answers, best) ? i : best;
    }
    return best == choice.gold() ? 1 : 0;
  }

  private static double worth(Measure measure, Item.Choice choice, List<Scorer.LogLikelihood> answers, int i) {
    double logLikelihood = answers.get(i).logLikelihood();
    return switch (measure) {
      case ACC -> logLikelihood;
      case ACC_NORM -> logLikelihood / choice.lengths().get(i);
      case PERPLEXITY -> throw new IllegalArgumentException("there is not one continuation");
    };
  }

  private static TaskResult.Score score(Measure measure, double[] marks) {
    boolean several = marks.length > 1;
    return switch (measure) {
      case ACC, ACC_NORM ->
          new TaskResult.Score(measure, Statistics.mean(marks), error(several, () -> Statistics.meanError(marks)));
      case PERPLEXITY ->
          new TaskResult.Score(
              measure, Statistics.perplexity(marks), error(several, () -> Statistics.perplexityError(marks)));
    };
  }

  private static OptionalDouble error(boolean several, DoubleSupplier error) {
    return several ? OptionalDouble.of(error.getAsDouble()) : OptionalDouble.empty();
  }
}
