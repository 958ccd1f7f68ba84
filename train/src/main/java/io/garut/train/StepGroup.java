package io.garut.train;

import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Executor;
import io.garut.train.autograd.Gradients;
import io.garut.train.autograd.RegionRules;
import io.garut.train.optim.GradientNorm;
import io.garut.train.optim.Owned;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The ranks that take a step together, as one of them sees it: which micro-batches are its own, where weights and gradients
 * lie, and what it updates. {@link #alone} is one rank, for which nothing of this costs anything.
 *
 * <p>A step goes through it in this order, on every rank alike: {@link #rounds}; for each round gradients under {@link
 * #executor} and {@link #rules}, and {@link #afterRound}; {@link #afterRounds}; {@link #norm}; the optimizer on {@link #owned};
 * {@link #updated}.
 */
public interface StepGroup extends AutoCloseable {
  /**
   * A turn in which every rank computes the gradients of one micro-batch.
   *
   * @param microBatch the index, within the step, of the one that this rank computes
   * @param counts whether its gradients are added; if not, the rank only keeps the others company
   */
  record Round(int microBatch, boolean counts) {}

  /** The turns of a step of so many micro-batches. */
  List<Round> rounds(int microBatches);

  /** What computes, over {@code inner}. */
  Executor executor(Executor inner);

  /** What the tape of a round does at regions: {@code usual}, and more. */
  RegionRules rules(Round round, RegionRules usual);

  /** What becomes of the gradients of a round; takes them over. */
  Gradients afterRound(Round round, Gradients own);

  /** What becomes of the sum of all rounds; takes it over. */
  Gradients afterRounds(Gradients sum);

  /** The norm of all gradients, those of other ranks included. */
  GradientNorm norm(Gradients gradients);

  /** What the optimizer of this rank updates. */
  List<Owned> owned();

  /** Told when the optimizer has updated {@link #owned}. */
  void updated();

  /** Makes all weights whole on every rank, which all do together. */
  Whole whole();

  /** Weights that are whole until it is closed. */
  @FunctionalInterface
  interface Whole extends AutoCloseable {
    @Override
    void close();
  }

  /** Which rank this is, from 0. */
  int rank();

  /** How many ranks there are. */
  int size();

  /** Whether what is trained lies in parts, with several ranks or outside memory. */
  default boolean isSharedOut() {
    return size() > 1;
  }

  /** A number that rank 0 has, on every rank. */
  long fromFirst(long own);

  /** What is wrong on the first rank on which something is, on every rank. */
  Optional<String> problem(Optional<String> own);

  /** Whether it is so on any rank. */
  default boolean any(boolean own) {
    return problem(own ? Optional.of("") : Optional.empty()).isPresent();
  }

  @Override
  void close();

  /** One rank that trains {@code parameters} alone. */
  static StepGroup alone(List<Tensor> parameters) {
    return new StepGroup() {
      @Override
      public List<Round> rounds(int microBatches) {
        return IntStream.range(0, microBatches).mapToObj(i -> new Round(i, true)).toList();
      }

      @Override
      public Executor executor(Executor inner) {
        return inner;
      }

      @Override
      public RegionRules rules(Round round, RegionRules usual) {
        return usual;
      }

      @Override
      public Gradients afterRound(Round round, Gradients own) {
        return own;
      }

      @Override
      public Gradients afterRounds(Gradients sum) {
        return sum;
      }

      @Override
      public GradientNorm norm(Gradients gradients) {
        return GradientNorm.of(parameters, gradients);
      }

      @Override
      public List<Owned> owned() {
        return parameters.stream().map(Owned::whole).toList();
      }

      @Override
      public void updated() {}

      @Override
      public Whole whole() {
        return () -> {};
      }

      @Override
      public int rank() {
        return 0;
      }

      @Override
      public int size() {
        return 1;
      }

      @Override
      public long fromFirst(long own) {
        return own;
      }

      @Override
      public Optional<String> problem(Optional<String> own) {
        return own;
      }

      @Override
      public void close() {}
    };
  }
}
