package io.garut.train.data.batch;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.Example;
import io.garut.train.data.Shuffle;
import io.garut.train.data.TrainingSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;

/**
 * The steps of a training, each a function of its position: whoever asks for the same position, in whatever process,
 * gets the same examples.
 *
 * <p>Each epoch has every example once, in the order of {@link Shuffle} with the seed {@code bits(seed, epoch)} of {@link
 * SplitMix64}; a {@link Grouping} makes micro-batches of it, and some of these, one after another, are a step. The last
 * step of an epoch may have fewer.
 *
 * <pre>{@code
 * Batches batches = Batches.of(set).examplesPerMicroBatch(4).microBatchesPerStep(2).seed(42);
 * for (Batch batch : batches.from(position, 2)) { // 2 epochs, or what is left of them
 *   trainer.step(batch.microBatches());
 *   position = batch.next();
 * }
 * }</pre>
 *
 * <p>Immutable; threads may share one.
 */
public final class Batches {
  private final Examples examples;
  private final Grouping grouping;
  private final int microBatches;
  private final long seed;
  private final boolean shuffled;
  private volatile Epoch latest;

  private Batches(Examples examples, Grouping grouping, int microBatches, long seed, boolean shuffled) {
    if (examples.size() == 0) {
      throw new IllegalArgumentException("there is nothing to learn: no example is left");
    }
    if (microBatches < 1) {
      throw new IllegalArgumentException("a step needs one micro-batch at least, not " + microBatches);
    }
    this.examples = examples;
    this.grouping = grouping;
    this.microBatches = microBatches;
    this.seed = seed;
    this.shuffled = shuffled;
  }

  /**
   * Steps of one example each, shuffled with seed 42.
   *
   * @throws IllegalArgumentException if there is no example
   */
  public static Batches of(Examples examples) {
    return new Batches(examples, new Grouping.Count(1), 1, 42, true);
  }

  /** The same of a set in memory. */
  public static Batches of(TrainingSet set) {
    return of(Examples.of(set.examples()));
  }

  /** The same with micro-batches of so many examples. */
  public Batches examplesPerMicroBatch(int count) {
    return grouped(new Grouping.Count(count));
  }

  /** The same with micro-batches that are filled with examples up to so many tokens. */
  public Batches tokensPerMicroBatch(int budget) {
    return grouped(new Grouping.Tokens(budget));
  }

  /** The same with another grouping. */
  public Batches grouped(Grouping other) {
    return new Batches(examples, other, microBatches, seed, shuffled);
  }

  /** The same with so many micro-batches a step: gradients are accumulated over them. */
  public Batches microBatchesPerStep(int count) {
    return new Batches(examples, grouping, count, seed, shuffled);
  }

  /** The same with another order. */
  public Batches seed(long other) {
    return new Batches(examples, grouping, microBatches, other, shuffled);
  }

  /** The same in the order in which the examples are, every epoch alike: for evaluation. */
  public Batches inOrder() {
    return new Batches(examples, grouping, microBatches, seed, false);
  }

  /** What is learnt. */
  public Examples examples() {
    return examples;
  }

  /** How examples become micro-batches. */
  public Grouping grouping() {
    return grouping;
  }

  /** The micro-batches of a step; the last of an epoch may have fewer. */
  public int microBatchesPerStep() {
    return microBatches;
  }

  /** What the order depends on. */
  public long seed() {
    return seed;
  }

  /** How many steps epoch {@code epoch}, from 0, has. Packed epochs may differ a little. */
  public int stepsIn(int epoch) {
    return Math.ceilDiv(epoch(epoch).groups().size(), microBatches);
  }

  /** The steps of the first {@code epochs} epochs together. */
  public long steps(int epochs) {
    return steps(epochs, Long.MAX_VALUE);
  }

  /** The same, {@code most} at most: epochs beyond these are not looked at. */
  public long steps(int epochs, long most) {
    if (grouping instanceof Grouping.Count) {
      return Math.min(most, (long) epochs * stepsIn(0));
    }
    long steps = 0;
    for (int epoch = 0; epoch < epochs && steps < most; epoch++) {
      steps += stepsIn(epoch);
    }
    return Math.min(most, steps);
  }

  /** The tokens that a micro-batch has at most. */
  public long mostTokens() {
    long longest = 0;
    for (int i = 0; i < examples.size(); i++) {
      longest = Math.max(longest, examples.length(i));
    }
    return switch (grouping) {
      case Grouping.Count count -> longest * Math.min(count.examples(), examples.size());
      case Grouping.Tokens tokens -> Math.max(longest, tokens.budget());
    };
  }

  /**
   * The step at {@code position}.
   *
   * @throws IllegalArgumentException if its epoch has fewer steps
   */
  public Batch at(Position position) {
    Epoch epoch = epoch(position.epoch());
    int steps = stepsIn(position.epoch());
    if (position.index() >= steps) {
      throw new IllegalArgumentException(
          "there is no step " + position.index() + " in epoch " + position.epoch() + ", which has " + steps
              + "; was the position taken with other examples or settings?");
    }
    int from = position.index() * microBatches;
    List<List<Example>> micro = new ArrayList<>();
    for (int[] group : epoch.groups().subList(from, Math.min(epoch.groups().size() - from, microBatches) + from)) {
      micro.add(IntStream.of(group).mapToObj(examples::get).toList());
    }
    Position next = position.index() + 1 < steps
        ? new Position(position.epoch(), position.index() + 1)
        : new Position(position.epoch() + 1, 0);
    return new Batch(micro, position, next);
  }

  /** All steps of the first {@code epochs} epochs. */
  public Iterable<Batch> epochs(int epochs) {
    return from(Position.START, epochs);
  }

  /** The steps from {@code start} up to the end of the first {@code epochs} epochs. */
  public Iterable<Batch> from(Position start, int epochs) {
    return () -> new Iterator<>() {
      private Position position = start;

      @Override
      public boolean hasNext() {
        return position.epoch() < epochs;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException("all " + epochs + " epochs are over");
        }
        Batch batch = at(position);
        position = batch.next();
        return batch;
      }
    };
  }

  /**
   * A number that tells these examples and settings from others: a position means the same steps where it is the same.
   */
  public long fingerprint() {
    long grouped = switch (grouping) {
      case Grouping.Count count -> SplitMix64.bits(1, count.examples());
      case Grouping.Tokens tokens -> SplitMix64.bits(SplitMix64.bits(2, tokens.budget()), tokens.open());
    };
    long settings = SplitMix64.bits(grouped, microBatches) + (shuffled ? SplitMix64.bits(seed, 1) : 0);
    return SplitMix64.bits(settings, examples.fingerprint());
  }

  private Epoch epoch(int number) {
    Epoch known = latest;
    if (known == null || known.number() != number) {
      int[] order = shuffled
          ? Shuffle.order(examples.size(), SplitMix64.bits(seed, number))
          : IntStream.range(0, examples.size()).toArray();
      known = new Epoch(number, grouping.group(order, examples));
      latest = known;
    }
    return known;
  }

  private record Epoch(int number, List<int[]> groups) {}
}
