package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * GPT-NeoX (Black et al., 2022): Pythia, Dolly 2.0, GPT-NeoX-20B and their kin, as Transformers' {@code
 * GPTNeoXForCausalLM} computes it. Single-device code that knows nothing of sharding, tapes or devices.
 *
 * <pre>{@code
 * try (var model = GptNeoX.open(Path.of("dolly-v2-3b"))) {
 *   var generator = Generator.of(model).topP(0.92).maxNewTokens(256).seed(7);
 *   generator.stream(Prompts.dolly("Why do sheep flock together?"), System.out::print);
 * }
 * }</pre>
 */
public final class GptNeoX implements CausalModel {
  private final NeoXConfig config;
  private final Tensor embedding;
  private final List<NeoXBlock> blocks = new ArrayList<>();
  private final LayerNorm finalNorm;
  private final Projection head;
  private final RotaryAngles rotary;
  private final WeightSource.QkvOrder qkvOrder;
  private Tokenizer tokenizer; // a loader sets it before anyone has the model

  /**
   * A model of {@code config} with the weights of {@code source}, fresh or loaded. It owns them.
   *
   * @param tokenizer what made its vocabulary, or null
   * @throws CheckpointException if a weight is missing or has another shape
   */
  public GptNeoX(NeoXConfig config, WeightSource source, Tokenizer tokenizer) throws CheckpointException {
    this.config = config;
    this.tokenizer = tokenizer;
    embedding = source.matrix(WeightNames.EMBEDDING, config.vocabularySize(), config.hiddenSize());
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new NeoXBlock(config, i, source));
    }
    finalNorm = NeoXBlock.norm(source, "gpt_neox.final_layer_norm", config);
    Tensor headWeight =
        config.tiedEmbeddings()
            ? embedding
            : source.matrix(WeightNames.HEAD, config.vocabularySize(), config.hiddenSize());
    head = new LinearProjection(headWeight, null);
    rotary = RotaryAngles.of(config);
    qkvOrder = source.qkvOrder();
  }

  /**
   * Opens a Hugging Face folder (config.json, weights, tokenizer.json if it is there) or a GGUF file, and prepares its
   * weights for generating: every one is looked at, matrices are packed the way the backend reads them.
   *
   * @throws IOException naming file and place, if anything is missing, damaged or does not fit together
   */
  public static GptNeoX open(Path path) throws IOException {
    return load(path, true);
  }

  /**
   * Opens a model as {@link #open} does, but leaves its weights where they are: mapped from the file, in the type they are
   * stored in.
   *
   * @throws IOException naming file and place, if anything is missing or does not fit together
   */
  public static GptNeoX load(Path path) throws IOException {
    return load(path, false);
  }

  /**
   * Opens a model for training: copies of its weights, in memory that can be written to, with the matrices in {@code dtype}
   * (F32, BF16 or F16) and vectors in F32.
   *
   * @throws IOException naming file and place, if anything is missing, damaged or does not fit together
   * @throws IllegalArgumentException if matrices of that type are not trained
   */
  public static GptNeoX trainable(Path path, DType dtype) throws IOException {
    return trainable(path, dtype, weight -> {});
  }

  /**
   * The same, where {@code placed} gets each weight before the next is read, and may {@linkplain Tensor#relocate put} its
   * elements elsewhere: the model then never needs memory for all of them.
   */
  public static GptNeoX trainable(Path path, DType dtype, Consumer<Tensor> placed) throws IOException {
    if (dtype != DType.F32 && dtype != DType.BF16 && dtype != DType.F16) {
      throw new IllegalArgumentException("a model is trained in F32, BF16 or F16, not " + dtype);
    }
    try (ModelFiles files = ModelFiles.open(path)) {
      WeightSource weights = new WritableWeights(files.weights(), dtype, files.config(), placed);
      try {
        return new GptNeoX(files.config(), weights, files.tokenizer().orElse(null));
      } catch (NonFiniteException e) {
        throw new CheckpointException(path, "weights", e.getMessage(), "it is damaged; download it again", e);
      }
    }
  }

  private static GptNeoX load(Path path, boolean prepare) throws IOException {
    try (ModelFiles files = ModelFiles.open(path)) {
      // reading a large vocabulary takes as long as packing a small model: side by side
      FutureTask<Tokenizer> tokenizer = new FutureTask<>(() -> files.tokenizer().orElse(null));
      Thread.ofPlatform().daemon().name("garut-tokenizer").start(tokenizer);
      GptNeoX model = new GptNeoX(files.config(), files.weights(), null);
      try {
        if (prepare) {
          model.prepare();
        }
        model.tokenizer = finished(tokenizer);
        return model;
      } catch (NonFiniteException e) {
        model.close();
        throw new CheckpointException(path, "weights", e.getMessage(), "it is damaged; download it again", e);
      } catch (IOException | RuntimeException | Error e) {
        model.close();
        throw e;
      }
    }
  }

  private static Tokenizer finished(FutureTask<Tokenizer> task) throws IOException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading the tokenizer");
    }
  }

  /** A model with random weights, for benchmarks and tests: matrices in {@code dtype}. */
  public static GptNeoX random(NeoXConfig config, DType dtype, long seed) {
    try {
      return new GptNeoX(config, new RandomWeights(dtype, seed), null);
    } catch (CheckpointException e) {
      throw new IllegalStateException("random weights are never missing", e);
    }
  }

  /**
   * Packs the matrices for the current backend, and checks that every weight is finite. Afterwards the model only
   * predicts; it cannot be trained.
   *
   * @throws NonFiniteException naming weight and element
   */
  public void prepare() {
    if (!config.tiedEmbeddings()) {
      embedding.requireFinite(); // rows are gathered from it: it stays as it is
    }
    for (NeoXBlock block : blocks) {
      block.projections().forEach(GptNeoX::prepare);
      block.weights().stream().filter(weight -> weight.shape().rank() == 1).forEach(Tensor::requireFinite);
    }
    finalNorm.weights().forEach(Tensor::requireFinite);
    prepare(head);
  }

  private static void prepare(Projection projection) {
    projection.weights().stream().filter(weight -> weight.shape().rank() == 2).forEach(Tensor::prepare);
  }

  /**
   * Puts other projections in place of those inside the blocks, such as ones with an adapter.
   *
   * @param change makes the new one of the hub's name, as {@code gpt_neox.layers.0.attention.dense}, and the one that is
   *     there, which it may return
   */
  public void adapt(BiFunction<String, Projection, Projection> change) {
    blocks.forEach(block -> block.adapt(change));
  }

  /** What shape it is. */
  public NeoXConfig config() {
    return config;
  }

  /** How the rows of its fused query, key and value projections are laid out. */
  public WeightSource.QkvOrder qkvOrder() {
    return qkvOrder;
  }

  /** The tokenizer that came with it. */
  public Optional<Tokenizer> tokenizer() {
    return Optional.ofNullable(tokenizer);
  }

  @Override
  public int vocabularySize() {
    return config.vocabularySize();
  }

  @Override
  public int contextLength() {
    return config.contextLength();
  }

  @Override
  public int eosTokenId() {
    return config.eosTokenId();
  }

  @Override
  public Set<Integer> endTokenIds() {
    return Set.copyOf(config.eosTokenIds());
  }

  @Override
  public KvCache newCache(int slots, int capacity, DType dtype) {
    if (capacity > contextLength()) {
      throw new IllegalArgumentException(
          "a cache of " + capacity + " tokens exceeds the model's context of " + contextLength());
    }
    return new KvCache(config.layers(), slots, config.heads(), capacity, config.headSize(), dtype);
  }

  @Override
  public void place(TokenBatch tokens) {
    if (tokens.longest() > contextLength()) {
      throw new IllegalArgumentException(
          tokens.longest() + " tokens exceed the model's context of " + contextLength());
    }
    rotary.place(tokens);
  }

  @Override
  public Tensor hidden(TokenBatch tokens, KvCache cache) {
    place(tokens);
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = embedded(tokens); // [T, F]
      for (NeoXBlock block : blocks) {
        x = block.forward(x, tokens, cache, rotary);
      }
      return scope.handOver(finalNorm.apply(x));
    }
  }

  /** The hidden states [T, F] that Transformers lists: the embeddings, then after each block; the last is normed. */
  public List<Tensor> hiddenStates(TokenBatch tokens) {
    place(tokens);
    List<Tensor> states = new ArrayList<>();
    Tensor x = embedded(tokens);
    states.add(x);
    for (NeoXBlock block : blocks) {
      x = block.forward(x, tokens, null, rotary);
      states.add(x);
    }
    states.set(states.size() - 1, finalNorm.apply(x));
    return states;
  }

  @Override
  public Tensor logits(Tensor hidden) {
    return Executor.current().region(new Region("embed_out", head.weights(), false), hidden, head::apply);
  }

  private Tensor embedded(TokenBatch tokens) {
    return Executor.current().region(new Region("embed_in", List.of(embedding), false), tokens.ids(), embedding::embedding);
  }

  /** Every weight, by the hub's names. */
  public List<Tensor> weights() {
    List<Tensor> all = new ArrayList<>();
    all.add(embedding);
    blocks.forEach(block -> all.addAll(block.weights()));
    all.addAll(finalNorm.weights());
    if (!config.tiedEmbeddings()) {
      all.addAll(head.weights());
    }
    return all;
  }

  @Override
  public void close() {
    weights().forEach(Tensor::close);
    rotary.close();
  }
}
