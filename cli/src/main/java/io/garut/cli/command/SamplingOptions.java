package io.garut.cli.command;

import io.garut.cli.Failure;
import io.garut.tensor.DType;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.sampling.SamplingParameters;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** How texts are drawn from a model. */
public final class SamplingOptions {
  /** Dolly's, in its own generation code. */
  private static final double TOP_P = 0.92;

  private static final double ANSWER_TEMPERATURE = 1;

  /** Small models ramble at 1. */
  private static final double CONTINUATION_TEMPERATURE = 0.6;

  @Option(
      names = {"-n", "--max-new-tokens"},
      paramLabel = "N",
      defaultValue = "256",
      description = "At most so many new tokens; ${DEFAULT-VALUE} unless given.")
  private int maxNewTokens;

  @Option(names = "--greedy", description = "Take the most probable token each time.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "What logits are divided by; 0 is greedy. 1 for answers, as Dolly has it, 0.6 for continuations.")
  private Double temperature;

  @Option(names = "--top-k", paramLabel = "K", description = "Draw among the K most probable tokens; 0 for all.")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw among the most probable tokens that reach P together; 0.92, as Dolly has it, unless given.")
  private Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Draw among tokens at least P times as probable as the most probable one.")
  private Double minP;

  @Option(
      names = "--typical-p",
      paramLabel = "P",
      description = "Draw among the tokens of most typical information that reach P together.")
  private Double typicalP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description = "Divide the logits of tokens that were there before; 1.1 is mild.")
  private Double repetitionPenalty;

  @Option(
      names = "--no-repeat-ngram-size",
      paramLabel = "N",
      description = "Let no sequence of N tokens come twice.")
  private Integer noRepeatNgramSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the draw: the same seed gives the same text. Another one each time unless given.")
  private Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text; may be given several times.")
  private List<String> stops = List.of();

  @Option(
      names = "--cache-type",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description = "Keep keys and values as F32 or F16; ${DEFAULT-VALUE} unless given.")
  private DType cacheType;

  /** Where picocli fills it in. */
  public SamplingOptions() {}

  /** The seed given, or one for this run. */
  public long seed() {
    if (seed == null) {
      seed = (long) ThreadLocalRandom.current().nextInt(1_000_000); // short enough to be typed again
    }
    return seed;
  }

  /** Whether no token is drawn at random. */
  public boolean isGreedy() {
    return greedy || temperature != null && temperature == 0;
  }

  /** {@code generator} with these settings; {@code answer} says which temperature goes without saying. */
  public Generator apply(Generator generator, boolean answer) {
    if (greedy && temperature != null && temperature != 0) {
      throw Failure.usage("--greedy draws nothing; leave --temperature away, or --greedy");
    }
    try {
      return generator
          .sampling(parameters(answer))
          .maxNewTokens(maxNewTokens)
          .cacheType(cacheType)
          .stopStrings(stops.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw Failure.usage(e.getMessage());
    }
  }

  private SamplingParameters parameters(boolean answer) {
    double usual = answer ? ANSWER_TEMPERATURE : CONTINUATION_TEMPERATURE;
    SamplingParameters parameters =
        SamplingParameters.greedy()
            .withSeed(seed())
            .withRepetitionPenalty(or(repetitionPenalty, 1))
            .withNoRepeatNgramSize(noRepeatNgramSize == null ? 0 : noRepeatNgramSize);
    if (isGreedy()) {
      return parameters;
    }
    return parameters
        .withTemperature(or(temperature, usual))
        .withTopK(topK == null ? 0 : topK)
        .withTopP(or(topP, TOP_P))
        .withMinP(or(minP, 0))
        .withTypicalP(or(typicalP, 1));
  }

  private static double or(Double given, double usual) {
    return given == null ? usual : given;
  }
}
