package io.garut.cli.command;

import io.garut.cli.Failure;
import io.garut.tensor.DType;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.sampling.SamplingParameters;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How texts are drawn from a model. */
public final class SamplingOptions {
  /** Dolly's, in its own generation code. */
  private static final double TOP_P = 0.92;

  private static final double ANSWER_TEMPERATURE = 1;

  /** Small models ramble at 1. */
  private static final double CONTINUATION_TEMPERATURE = 0.6;

  private static final int WITHOUT_END = -1; // as llama.cpp has it

  @Option(
      names = {"-n", "--max-new-tokens"},
      paramLabel = "N",
      defaultValue = "256",
      description = "At most so many new tokens, -1 for as many as there is room for; ${DEFAULT-VALUE} unless given.")
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
      converter = CacheTypes.class,
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

  /** Checks the settings: better before a model is loaded than after. */
  public void check() {
    parameters(true);
    if (maxNewTokens != WITHOUT_END && maxNewTokens < 1) {
      throw Failure.usage(
          "--max-new-tokens " + maxNewTokens + ": say 1 or more, or -1 for as many as there is room for");
    }
    if (stops.contains("")) {
      throw Failure.usage("--stop: a text is needed; every text ends before none");
    }
  }

  /**
   * {@code generator} with these settings.
   *
   * @param answer which temperature goes without saying
   * @param contextLength of which there can never be more tokens
   */
  public Generator apply(Generator generator, boolean answer, int contextLength) {
    check();
    return generator
        .sampling(parameters(answer))
        .maxNewTokens(maxNewTokens == WITHOUT_END ? contextLength : Math.min(maxNewTokens, contextLength))
        .cacheType(cacheType)
        .stopStrings(stops.toArray(String[]::new));
  }

  private SamplingParameters parameters(boolean answer) {
    SamplingParameters parameters = SamplingParameters.greedy().withSeed(seed());
    parameters = with(parameters, "--repetition-penalty", repetitionPenalty, SamplingParameters::withRepetitionPenalty);
    parameters =
        with(parameters, "--no-repeat-ngram-size", noRepeatNgramSize, SamplingParameters::withNoRepeatNgramSize);
    if (!isGreedy()) {
      double usual = answer ? ANSWER_TEMPERATURE : CONTINUATION_TEMPERATURE;
      parameters = parameters.withTemperature(usual).withTopP(TOP_P);
    }
    parameters = with(parameters, "--temperature", temperature, SamplingParameters::withTemperature);
    parameters = with(parameters, "--top-k", topK, SamplingParameters::withTopK);
    parameters = with(parameters, "--top-p", topP, SamplingParameters::withTopP);
    parameters = with(parameters, "--min-p", minP, SamplingParameters::withMinP);
    parameters = with(parameters, "--typical-p", typicalP, SamplingParameters::withTypicalP);
    checkGreedy();
    return parameters;
  }

  private static <T> SamplingParameters with(
      SamplingParameters before, String option, T given, BiFunction<SamplingParameters, T, SamplingParameters> set) {
    try {
      return given == null ? before : set.apply(before, given);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(option + " " + given + ": " + e.getMessage());
    }
  }

  /** What would change nothing was not meant so. */
  private void checkGreedy() {
    if (!isGreedy()) {
      return;
    }
    String idle =
        topK != null ? "--top-k"
            : topP != null ? "--top-p"
            : minP != null ? "--min-p"
            : typicalP != null ? "--typical-p"
            : greedy && temperature != null && temperature != 0 ? "--temperature"
            : "";
    if (!idle.isEmpty()) {
      String why = greedy ? "--greedy" : "--temperature 0";
      throw Failure.usage(why + " draws nothing, so that " + idle + " would change nothing; leave one of them away");
    }
  }

  /** The types of a cache only. */
  static final class CacheTypes implements ITypeConverter<DType> {
    @Override
    public DType convert(String name) {
      return switch (name.toUpperCase(Locale.ROOT)) {
        case "F16" -> DType.F16;
        case "F32" -> DType.F32;
        default -> throw new TypeConversionException("'" + name + "' is none; say F32 or F16");
      };
    }
  }
}
