package io.garut.train.data;

import io.garut.train.data.reading.RecordReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Examples in memory, in an order. Dolly's recipe is {@code TrainingSet.read(reader, encoder,
 * contextLength).shuffled(42).split(200, 42)}.
 *
 * @param examples as tokens
 * @param sources where each was read
 * @param tooLong how many records were left out because of their length
 */
public record TrainingSet(List<Example> examples, List<Source> sources, long tooLong) {
  /** A set taken apart: what is trained on, and what is only evaluated. */
  public record Split(TrainingSet train, TrainingSet test) {}

  /** Checks the sizes, and takes copies. */
  public TrainingSet {
    if (examples.size() != sources.size()) {
      throw new IllegalArgumentException(examples.size() + " examples have " + sources.size() + " sources");
    }
    examples = List.copyOf(examples);
    sources = List.copyOf(sources);
  }

  /**
   * Reads all records that are left. As Dolly does, those of {@code maxLength} tokens or more are left out: a cut one
   * would lack its end.
   */
  public static TrainingSet read(RecordReader reader, RecordEncoder encoder, int maxLength) throws IOException {
    Collector collector = new Collector(encoder, maxLength);
    for (Optional<LocatedRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
      collector.add(record.get());
    }
    return collector.set();
  }

  /** The same of records that are in memory already. */
  public static TrainingSet of(List<LocatedRecord> records, RecordEncoder encoder, int maxLength) {
    Collector collector = new Collector(encoder, maxLength);
    records.forEach(collector::add);
    return collector.set();
  }

  /** How many examples there are. */
  public int size() {
    return examples.size();
  }

  /** The tokens of all examples together. */
  public long tokens() {
    return examples.stream().mapToLong(Example::length).sum();
  }

  /** The same examples in the order that {@link Shuffle} gives. */
  public TrainingSet shuffled(long seed) {
    return select(Shuffle.order(size(), seed));
  }

  /**
   * Takes {@code testSize} examples out for evaluation, chosen by {@link Shuffle}: the first of its order are the test
   * set, the others are for training, in its order too, as in Hugging Face's {@code train_test_split}.
   *
   * @throws IllegalArgumentException if no example would be left to train on
   */
  public Split split(int testSize, long seed) {
    if (testSize < 0 || testSize >= size()) {
      throw new IllegalArgumentException(
          "a test set of " + testSize + " cannot be taken out of " + size() + " examples: one at least must be left");
    }
    int[] order = Shuffle.order(size(), seed);
    int[] test = Arrays.copyOf(order, testSize);
    int[] train = Arrays.copyOfRange(order, testSize, order.length);
    return new Split(select(train), select(test));
  }

  private TrainingSet select(int[] order) {
    List<Example> chosen = new ArrayList<>(order.length);
    List<Source> places = new ArrayList<>(order.length);
    for (int i : order) {
      chosen.add(examples.get(i));
      places.add(sources.get(i));
    }
    return new TrainingSet(chosen, places, tooLong);
  }

  private static final class Collector {
    private final RecordEncoder encoder;
    private final int maxLength;
    private final List<Example> examples = new ArrayList<>();
    private final List<Source> sources = new ArrayList<>();
    private long tooLong;

    Collector(RecordEncoder encoder, int maxLength) {
      this.encoder = encoder;
      this.maxLength = maxLength;
    }

    void add(LocatedRecord located) {
      Example example = encoder.encode(located.record());
      if (example.length() >= maxLength) {
        tooLong++;
      } else {
        examples.add(example);
        sources.add(located.source());
      }
    }

    TrainingSet set() {
      return new TrainingSet(examples, sources, tooLong);
    }
  }
}
