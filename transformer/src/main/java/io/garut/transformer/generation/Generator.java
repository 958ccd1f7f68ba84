package io.garut.transformer.generation;

import io.garut.tensor.DType;
import io.garut.transformer.CausalModel;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Prompts;
import io.garut.transformer.sampling.SamplingParameters;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes on from prompts. Immutable: each setting returns a changed copy. Greedy unless sampling parameters are set;
 * safe for several threads, each call has a cache of its own.
 *
 * <pre>{@code
 * Generator generator = Generator.of(model).topP(0.92).maxNewTokens(256).seed(7);
 * generator.stream(Prompts.dolly("Why do sheep flock together?"), System.out::print);
 * }</pre>
 */
public final class Generator {
  private final CausalModel model;
  private final Tokenizer tokenizer;
  private final Settings settings;

  private Generator(CausalModel model, Tokenizer tokenizer, Settings settings) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.settings = settings;
  }

  /**
   * A generator for a model that came with a tokenizer. It stops at the tokens that end a document, and at Dolly's
   * {@code ### End} where the vocabulary has it.
   *
   * @throws IllegalArgumentException if the model has no tokenizer
   */
  public static Generator of(GptNeoX model) {
    require(model.tokenizer().isPresent(), "the model came without tokenizer.json; use Generator.of(model, tokenizer)");
    return of(model, model.tokenizer().get());
  }

  /** A generator for {@code model} with the vocabulary of {@code tokenizer}. */
  public static Generator of(CausalModel model, Tokenizer tokenizer) {
    Set<Integer> ends = new HashSet<>(model.endTokenIds());
    tokenizer.id(Prompts.DOLLY_END).ifPresent(ends::add);
    Settings settings = new Settings();
    settings.endTokens = Set.copyOf(ends);
    return new Generator(model, tokenizer, settings);
  }

  private Generator with(Consumer<Settings> change) {
    Settings changed = new Settings(settings);
    change.accept(changed);
    return new Generator(model, tokenizer, changed);
  }

  /** With all parameters of sampling at once, the seed among them. */
  public Generator sampling(SamplingParameters parameters) {
    return with(s -> s.sampling = parameters);
  }

  /** Sampling at this temperature; 1 leaves the model's distribution as it is, 0 is greedy. */
  public Generator temperature(double temperature) {
    return sampling(settings.sampling.withTemperature(temperature));
  }

  /** Sampling among the {@code k} most probable tokens; 0 for all. */
  public Generator topK(int k) {
    return sampling(drawing().withTopK(k));
  }

  /** Sampling among the most probable tokens that together reach probability {@code p}. */
  public Generator topP(double p) {
    return sampling(drawing().withTopP(p));
  }

  /** The parameters so far, at temperature 1 if they were greedy: who limits the choice wants one. */
  private SamplingParameters drawing() {
    return settings.sampling.isGreedy() ? settings.sampling.withTemperature(1) : settings.sampling;
  }

  /** The seed of the sampler, 0 unless set; equal seeds give equal texts. */
  public Generator seed(long seed) {
    return sampling(settings.sampling.withSeed(seed));
  }

  /** At most so many new tokens; 256 unless set. */
  public Generator maxNewTokens(int count) {
    require(count >= 1, "maxNewTokens must be 1 or more, not " + count);
    return with(s -> s.maxNewTokens = count);
  }

  /** The tokens that end a text, instead of the default ones; none to go on until the length is reached. */
  public Generator endTokens(Set<Integer> ids) {
    return with(s -> s.endTokens = Set.copyOf(ids));
  }

  /** Texts before which a text ends. */
  public Generator stopStrings(String... stops) {
    require(!List.of(stops).contains(""), "a stop string cannot be empty");
    return with(s -> s.stopStrings = List.of(stops));
  }

  /** With one more text before which a text ends. */
  public Generator alsoStoppingAt(String stop) {
    List<String> stops = new ArrayList<>(settings.stopStrings);
    stops.add(stop);
    return stopStrings(stops.toArray(String[]::new));
  }

  /** The type in which keys and values are kept: F16 unless set, or F32. */
  public Generator cacheType(DType type) {
    require(type == DType.F16 || type == DType.F32, "a KV cache is F32 or F16, not " + type);
    return with(s -> s.cacheType = type);
  }

  /** How many tokens of a prompt go through the model at once; {@link DecodingSession#PROMPT_CHUNK} unless set. */
  public Generator promptChunk(int tokens) {
    require(tokens >= 1, "promptChunk must be 1 or more, not " + tokens);
    return with(s -> s.promptChunk = tokens);
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Writes on from {@code prompt}. */
  public Generation generate(String prompt) {
    return generate(tokenizer.encode(prompt), piece -> {});
  }

  /** Writes on from {@code prompt}; {@code text} gets the text piece by piece. */
  public Generation stream(String prompt, Consumer<String> text) {
    return generate(tokenizer.encode(prompt), text::accept);
  }

  /** Writes on from {@code prompt}; {@code listener} hears it, and may end it. */
  public Generation generate(String prompt, GenerationListener listener) {
    return generate(tokenizer.encode(prompt), listener);
  }

  /**
   * Writes on from token ids.
   *
   * @throws IllegalArgumentException if there is no token, an id is outside the vocabulary, or they fill the model's
   *     context
   */
  public Generation generate(int[] prompt, GenerationListener listener) {
    return generateAll(List.of(prompt), List.of(listener)).getFirst();
  }

  /**
   * Writes on from several prompts at once. Greedy texts are those that each prompt would get alone, up to rounding: the
   * kernels for several rows sum in another order. Of sampled ones each has a seed of its own, the set one and its index.
   */
  public List<Generation> generateAll(List<String> prompts) {
    List<int[]> ids = new ArrayList<>();
    List<GenerationListener> listeners = new ArrayList<>();
    for (String prompt : prompts) {
      ids.add(tokenizer.encode(prompt));
      listeners.add(piece -> {});
    }
    return generateAll(ids, listeners);
  }

  private List<Generation> generateAll(List<int[]> prompts, List<GenerationListener> listeners) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    int longest = 0;
    for (int[] prompt : prompts) {
      checkPrompt(prompt);
      longest = Math.max(longest, prompt.length);
    }
    int capacity = (int) Math.min(model.contextLength(), (long) longest + settings.maxNewTokens);
    List<TextStream> streams = new ArrayList<>();
    try (DecodingSession session =
        new DecodingSession(model, prompts.size(), capacity, settings.cacheType, settings.promptChunk)) {
      for (int slot = 0; slot < prompts.size(); slot++) {
        int[] prompt = prompts.get(slot);
        streams.add(
            new TextStream(
                tokenizer, settings, slot, prompt, 0, capacity, model.vocabularySize(), listeners.get(slot)));
      }
      new DecodingLoop(session, settings.maxNewTokens).run(streams);
    }
    return streams.stream().map(TextStream::result).toList();
  }

  private void checkPrompt(int[] prompt) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt holds no token; give the model something to go on from");
    }
    if (prompt.length >= model.contextLength()) {
      throw new IllegalArgumentException(
          "the prompt has %d tokens, the model's context holds %d; shorten it"
              .formatted(prompt.length, model.contextLength()));
    }
    for (int id : prompt) {
      if (id < 0 || id >= model.vocabularySize()) {
        throw new IllegalArgumentException(
            "token " + id + " is outside the model's vocabulary of " + model.vocabularySize()
                + "; the tokenizer belongs to another model");
      }
    }
  }

  Settings settings() {
    return settings;
  }

  CausalModel model() {
    return model;
  }

  /** What turns text into ids. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What a generator is told; changed only before a generator has it. */
  static final class Settings {
    private SamplingParameters sampling = SamplingParameters.greedy();
    private int maxNewTokens = 256;
    private Set<Integer> endTokens = Set.of();
    private List<String> stopStrings = List.of();
    private DType cacheType = DType.F16;
    private int promptChunk = DecodingSession.PROMPT_CHUNK;

    private Settings() {}

    private Settings(Settings other) {
      sampling = other.sampling;
      maxNewTokens = other.maxNewTokens;
      endTokens = other.endTokens;
      stopStrings = other.stopStrings;
      cacheType = other.cacheType;
      promptChunk = other.promptChunk;
    }

    SamplingParameters sampling() {
      return sampling;
    }

    int maxNewTokens() {
      return maxNewTokens;
    }

    Set<Integer> endTokens() {
      return endTokens;
    }

    List<String> stopStrings() {
      return stopStrings;
    }

    DType cacheType() {
      return cacheType;
    }

    int promptChunk() {
      return promptChunk;
    }
  }
}
