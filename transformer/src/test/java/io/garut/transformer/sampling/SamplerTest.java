package io.garut.transformer.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.garut.tensor.NonFiniteException;
import io.garut.tensor.op.SplitMix64;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  private static final int[] NONE = {};
  private static final float INFINITE = Float.POSITIVE_INFINITY;

  /** Everything at once, over a vocabulary of Pythia's size. */
  private static final SamplingParameters ALL = SamplingParameters.sampling().withTemperature(0.8).withTopK(1000)
      .withTopP(0.92).withMinP(0.001).withTypicalP(0.95).withRepetitionPenalty(1.1).withNoRepeatNgramSize(3)
      .withSeed(7);

  private static final int PYTHIA = 50304;

  @Test
  void greedyTakesTheFirstOfEquals() {
    Sampler sampler = new Sampler(SamplingParameters.greedy(), 5);
    assertThat(sampler.sample(new float[] {1, 3, -2, 3, 3}, NONE, 0)).isEqualTo(1);
    assertThat(sampler.sample(new float[] {-0f, 0f, -1, -1, -1}, NONE, 0)).isEqualTo(0);
  }

  @Test
  void greedyMindsThePenaltyAndTheNgrams() {
    float[] logits = {1, 3, 2};
    SamplingParameters greedy = SamplingParameters.greedy();
    assertThat(new Sampler(greedy.withRepetitionPenalty(2), 3).sample(logits.clone(), new int[] {1}, 1)).isEqualTo(2);
    assertThat(new Sampler(greedy.withNoRepeatNgramSize(2), 3).sample(logits.clone(), new int[] {0, 1, 0}, 3))
        .isEqualTo(2);
    assertThat(new Sampler(greedy.withTopK(1).withTopP(0.1), 3).sample(logits.clone(), NONE, 0)).isEqualTo(1);
  }

  @Test
  void logProbabilityIsTheModels() {
    float[] logits = {1, 3, 2, -50, Float.NEGATIVE_INFINITY};
    double sum = StrictMath.exp(1) + StrictMath.exp(3) + StrictMath.exp(2) + StrictMath.exp(-50);
    Sampler sampler = new Sampler(SamplingParameters.greedy().withRepetitionPenalty(2), 5);
    assertThat(sampler.logProbability()).isNaN();
    assertThat(sampler.sample(logits.clone(), new int[] {1}, 1)).isEqualTo(2);
    // The series behind the weights is exact to 2e-12 here.
    assertThat(sampler.logProbability()).isCloseTo(2 - StrictMath.log(sum), within(1e-11));
    Sampler plain = new Sampler(SamplingParameters.greedy(), 5);
    plain.sample(logits.clone(), NONE, 0);
    assertThat(plain.logProbability()).isCloseTo(3 - StrictMath.log(sum), within(1e-11));
  }

  @Test
  void drawsAreTheSameEverywhere() {
    Sampler sampler = new Sampler(SamplingParameters.sampling().withSeed(7), 10);
    int[] drawn = IntStream.range(0, 12).map(i -> sampler.sample(new float[10], NONE, 0)).toArray();
    // floor(10 u) for the first twelve u of SplitMix64 with seed 7.
    int[] expected = IntStream.range(0, 12)
        .map(i -> (int) (10 * SplitMix64.uniform(7, i))).toArray();
    assertThat(drawn).isEqualTo(expected);
    assertThat(drawn).containsExactly(3, 0, 9, 5, 4, 2, 4, 3, 1, 4, 1, 9);
  }

  @Test
  void drawsFollowTheProbabilities() {
    float[] logits = {0, 1, 2, -1, Float.NEGATIVE_INFINITY, 0.5f};
    double sum = 0;
    for (float logit : logits) {
      sum += StrictMath.exp(logit);
    }
    Sampler sampler = new Sampler(SamplingParameters.sampling().withSeed(20230412), logits.length);
    int draws = 60_000;
    int[] counts = new int[logits.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.sample(logits.clone(), NONE, 0)]++;
    }
    for (int token = 0; token < logits.length; token++) {
      double p = StrictMath.exp(logits[token]) / sum;
      // Four standard deviations of a binomial count; the seed is fixed.
      assertThat(counts[token] - draws * p).as("token %d", token).isBetween(
          -4 * Math.sqrt(draws * p * (1 - p)), 4 * Math.sqrt(draws * p * (1 - p)));
    }
  }

  @Test
  void neverDrawsWhatIsRuledOut() {
    Random random = new Random(3);
    Sampler sampler = new Sampler(ALL.withTopK(4), 1500);
    for (int i = 0; i < 300; i++) {
      float[] logits = new float[1500];
      for (int k = 0; k < logits.length; k++) {
        logits[k] = (float) random.nextGaussian() * 20;
      }
      assertThat(logits[sampler.sample(logits, NONE, 0)]).isGreaterThan(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void logitsMayStandAtTheFrontOfALongerArray() {
    assertThat(new Sampler(SamplingParameters.greedy(), 2).sample(new float[] {1, 2, 99}, NONE, 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, INFINITE})
  void damagedLogitsAreNamed(float damage) {
    for (SamplingParameters parameters : new SamplingParameters[] {SamplingParameters.greedy(), ALL}) {
      assertThatThrownBy(() -> new Sampler(parameters, 3).sample(new float[] {1, 2, damage}, NONE, 0))
          .isInstanceOf(NonFiniteException.class)
          .hasMessage("the logit of token 2 is " + damage
              + ": the weights are damaged, or a type too narrow for them is used");
    }
  }

  @Test
  void whereNothingIsLeftItSaysWhy() {
    float[] masked = {-INFINITE, -INFINITE};
    assertThatThrownBy(() -> new Sampler(SamplingParameters.sampling(), 2).sample(masked, NONE, 0))
        .isInstanceOf(NonFiniteException.class)
        .hasMessage("all 2 logits are -Infinity: the model gave no token a probability");
    for (SamplingParameters parameters : new SamplingParameters[] {SamplingParameters.greedy(), ALL}) {
      Sampler sampler = new Sampler(parameters.withNoRepeatNgramSize(1), 2);
      assertThatThrownBy(() -> sampler.sample(new float[] {1, 2}, new int[] {0, 1}, 2))
          .isInstanceOf(NonFiniteException.class)
          .hasMessage("all 2 logits are -Infinity: the rules leave no token: loosen the one on n-grams");
    }
  }

  @Test
  void impossibleArgumentsAreRefused() {
    assertThatThrownBy(() -> SamplingParameters.sampling().withTopP(1.5)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("top-p is 1.5; it must be from 0 to 1");
    assertThatThrownBy(() -> SamplingParameters.sampling().withTemperature(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SamplingParameters.sampling().withTypicalP(0))
        .isInstanceOf(IllegalArgumentException.class);
    Sampler sampler = new Sampler(SamplingParameters.greedy(), 3);
    assertThatThrownBy(() -> sampler.sample(new float[2], NONE, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> sampler.sample(new float[3], new int[] {-1}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token 0 of the history is -1; ids start at 0");
  }

  @Test
  void aTokenTakesNoHeap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Run run = new Run();
    run.tokens(20); // classes are loaded, constants are made
    long thread = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(thread);
    run.tokens(50);
    long after = threads.getThreadAllocatedBytes(thread);
    // Asking takes some bytes itself; one boxed number a token would be 800.
    assertThat(after - before).as("bytes for 50 tokens").isLessThan(500);
  }

  @Test
  void aTokenTakesLessThanAMillisecond() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Run run = new Run();
    long fastest = Long.MAX_VALUE;
    for (int round = 0; round < 60; round++) {
      long start = threads.getCurrentThreadCpuTime();
      run.tokens(10);
      fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - start);
    }
    assertThat(fastest / 1e7).as("milliseconds of processor time a token").isLessThan(1);
  }

  /** Draws from the same logits over and over, without making anything. */
  private static final class Run {
    private final float[] original = new float[PYTHIA];
    private final float[] logits = new float[PYTHIA];
    private final int[] history = new Random(5).ints(512, 0, PYTHIA).toArray();
    private final Sampler sampler = new Sampler(ALL, PYTHIA);

    Run() {
      Random random = new Random(7);
      for (int i = 0; i < PYTHIA; i++) {
        original[i] = (float) random.nextGaussian() * 3;
      }
    }

    void tokens(int count) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(original, 0, logits, 0, PYTHIA);
        history[i % 512] = sampler.sample(logits, history, 512);
      }
    }
  }
}
