package io.garut.transformer.sampling;

import java.util.ArrayList;
import java.util.List;

/**
 * How the next token is chosen. The names are those of Transformers' generation configuration.
 *
 * @param temperature what logits are divided by; 0 takes the most probable token, and then only the repetition penalty
 *     and the n-grams play a part
 * @param topK only the k most probable tokens; 0 for all
 * @param topP only the most probable tokens whose probabilities together reach this; 1 for all
 * @param minP only tokens at least this times as probable as the most probable one; 0 for all
 * @param typicalP only the tokens closest to the expected information that together reach this; 1 for all
 * @param repetitionPenalty divides positive logits of tokens that were there before and multiplies negative ones; 1 for
 *     none
 * @param noRepeatNgramSize no sequence of so many tokens comes twice; 0 for no such rule
 * @param seed of the draw: draw n of a sampler is element n of the stream of this seed ({@code SplitMix64})
 */
public record SamplingParameters(
    double temperature,
    int topK,
    double topP,
    double minP,
    double typicalP,
    double repetitionPenalty,
    int noRepeatNgramSize,
    long seed) {

  private static final SamplingParameters GREEDY = new SamplingParameters(0, 0, 1, 0, 1, 1, 0, 0);

  /** Checks each number against its range. */
  public SamplingParameters {
    check(temperature == 0 || temperature >= 1e-5 && temperature <= 1e5,
        "temperature", temperature, "0, or from 0.00001 to 100000");
    check(topK >= 0, "top-k", topK, "0 or more");
    check(topP >= 0 && topP <= 1, "top-p", topP, "from 0 to 1");
    check(minP >= 0 && minP <= 1, "min-p", minP, "from 0 to 1");
    check(typicalP > 0 && typicalP <= 1, "typical-p", typicalP, "above 0 and at most 1");
    check(repetitionPenalty >= 1e-3 && repetitionPenalty <= 1e3,
        "the repetition penalty", repetitionPenalty, "from 0.001 to 1000");
    check(noRepeatNgramSize >= 0, "the size of n-grams not to repeat", noRepeatNgramSize, "0 or more");
  }

  private static void check(boolean holds, String name, Number value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + range);
    }
  }

  /** The most probable token each time. */
  public static SamplingParameters greedy() {
    return GREEDY;
  }

  /** A draw from the model's own distribution: temperature 1, nothing filtered, seed 0. */
  public static SamplingParameters sampling() {
    return GREEDY.withTemperature(1);
  }

  /** Whether the most probable token is taken each time. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /** The same with another temperature. */
  public SamplingParameters withTemperature(double value) {
    return new SamplingParameters(value, topK, topP, minP, typicalP, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** The same with another top-k. */
  public SamplingParameters withTopK(int value) {
    return new SamplingParameters(
        temperature, value, topP, minP, typicalP, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** The same with another top-p. */
  public SamplingParameters withTopP(double value) {
    return new SamplingParameters(
        temperature, topK, value, minP, typicalP, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** The same with another min-p. */
  public SamplingParameters withMinP(double value) {
    return new SamplingParameters(
        temperature, topK, topP, value, typicalP, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** The same with another typical-p. */
  public SamplingParameters withTypicalP(double value) {
    return new SamplingParameters(temperature, topK, topP, minP, value, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** The same with another repetition penalty. */
  public SamplingParameters withRepetitionPenalty(double value) {
    return new SamplingParameters(temperature, topK, topP, minP, typicalP, value, noRepeatNgramSize, seed);
  }

  /** The same with another size of n-grams that may not come twice. */
  public SamplingParameters withNoRepeatNgramSize(int value) {
    return new SamplingParameters(temperature, topK, topP, minP, typicalP, repetitionPenalty, value, seed);
  }

  /** The same with another seed. */
  public SamplingParameters withSeed(long value) {
    return new SamplingParameters(
        temperature, topK, topP, minP, typicalP, repetitionPenalty, noRepeatNgramSize, value);
  }

  /** The processors that these parameters ask for, in the order in which Transformers applies them. */
  public List<LogitsProcessor> processors() {
    List<LogitsProcessor> processors = new ArrayList<>();
    if (repetitionPenalty != 1) {
      processors.add(new LogitsProcessor.RepetitionPenalty(repetitionPenalty));
    }
    if (noRepeatNgramSize > 0) {
      processors.add(new LogitsProcessor.NoRepeatNgram(noRepeatNgramSize));
    }
    if (isGreedy()) {
      return List.copyOf(processors);
    }
    if (temperature != 1) {
      processors.add(new LogitsProcessor.Temperature(temperature));
    }
    if (topK > 0) {
      processors.add(new LogitsProcessor.TopK(topK));
    }
    if (topP < 1) {
      processors.add(new LogitsProcessor.TopP(topP));
    }
    if (minP > 0) {
      processors.add(new LogitsProcessor.MinP(minP));
    }
    if (typicalP < 1) {
      processors.add(new LogitsProcessor.Typical(typicalP));
    }
    return List.copyOf(processors);
  }
}
