package io.garut.jmh;

import io.garut.transformer.sampling.Sampler;
import io.garut.transformer.sampling.SamplingParameters;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Choosing one token by its logits, in one thread and in microseconds; a copy of the logits, which sampling changes, is
 * included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsPrepend = OnBackend.COLLECTOR)
public class SamplingBenchmark {
  /** How. */
  public enum Rules {
    /** The most probable token. */
    GREEDY,
    /** From the whole distribution. */
    PLAIN,
    /** Among the 40 most probable. */
    TOP_K,
    /** Among the most probable that reach 0.92, as Dolly 2.0 does. */
    TOP_P,
    /** At least a twentieth as probable as the most probable. */
    MIN_P,
    /** Close to the expected information. */
    TYPICAL,
    /** The most probable, with a penalty on what was there before, and no trigram twice. */
    NO_REPEAT;

    private SamplingParameters parameters() {
      return switch (this) {
        case GREEDY -> SamplingParameters.greedy();
        case PLAIN -> SamplingParameters.sampling();
        case TOP_K -> SamplingParameters.sampling().withTopK(40);
        case TOP_P -> SamplingParameters.sampling().withTopP(0.92);
        case MIN_P -> SamplingParameters.sampling().withMinP(0.05);
        case TYPICAL -> SamplingParameters.sampling().withTypicalP(0.9);
        case NO_REPEAT -> SamplingParameters.greedy().withRepetitionPenalty(1.1).withNoRepeatNgramSize(3);
      };
    }
  }

  /** How the token is chosen. */
  @Param
  public Rules rules;

  /** Tokens to choose from. */
  @Param("50304")
  public int vocabulary;

  private final int[] history = new int[256];
  private float[] model;
  private float[] logits;
  private Sampler sampler;

  /** Makes logits of a spread that models have, and a history. */
  @Setup(Level.Trial)
  public void distribution() {
    SplittableRandom random = new SplittableRandom(1);
    model = new float[vocabulary];
    logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      model[i] = (float) (2.5 * random.nextGaussian());
    }
    Arrays.setAll(history, i -> random.nextInt(vocabulary));
    sampler = new Sampler(rules.parameters(), vocabulary);
  }

  /** One token. */
  @Benchmark
  public int sample() {
    System.arraycopy(model, 0, logits, 0, vocabulary);
    return sampler.sample(logits, history, history.length);
  }
}
