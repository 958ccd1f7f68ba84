package io.garut.transformer.generation;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Plan;
import io.garut.transformer.CausalModel;
import io.garut.transformer.KvCache;
import io.garut.transformer.TokenBatch;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Several sequences ("slots") in a model's cache: prompts go in, in chunks, and then a token at a time for as many
 * sequences as take part. The first step with a number of sequences is recorded as a {@link Plan}; later ones replay
 * it, which takes no storage. For one thread.
 */
public final class DecodingSession implements AutoCloseable {
  /** Tokens of a prompt that go through the model at once, unless stated otherwise. */
  public static final int PROMPT_CHUNK = 256;

  private final CausalModel model;
  private final Backend backend;
  private final KvCache cache;
  private final int promptChunk;
  private final Step[] steps; // by the number of sequences

  /**
   * Makes room for {@code slots} sequences of {@code capacity} tokens.
   *
   * @param cacheType F32 or F16
   */
  public DecodingSession(CausalModel model, int slots, int capacity, DType cacheType) {
    this(model, slots, capacity, cacheType, PROMPT_CHUNK);
  }

  /** Makes room, and puts prompts through the model in pieces of {@code promptChunk} tokens. */
  public DecodingSession(CausalModel model, int slots, int capacity, DType cacheType, int promptChunk) {
    if (promptChunk < 1) {
      throw new IllegalArgumentException("a prompt chunk must hold a token, not " + promptChunk);
    }
    this.model = model;
    this.backend = Executor.current().backend();
    this.promptChunk = promptChunk;
    this.cache = model.newCache(slots, capacity, cacheType);
    this.steps = new Step[slots + 1];
  }

  /** Tokens that {@code slot} holds. */
  public int length(int slot) {
    return cache.length(slot);
  }

  /** Tokens that a slot may hold. */
  public int capacity() {
    return cache.capacity();
  }

  /** Forgets all but the first {@code length} tokens of {@code slot}. */
  public void truncate(int slot, int length) {
    cache.truncate(slot, length);
  }

  /**
   * Adds {@code ids[from..to)} to {@code slot}.
   *
   * @param logits receives the V logits of what follows the last of them
   * @throws IllegalStateException if they do not fit into the slot
   */
  public void prefill(int slot, int[] ids, int from, int to, float[] logits) {
    prefill(slot, ids, from, to, logits, done -> true);
  }

  /**
   * The same, in pieces.
   *
   * @param goesOn asked after each piece, with the index in {@code ids} up to which the slot has come: whether to go on
   * @return whether all went in; only then are there logits
   */
  public boolean prefill(int slot, int[] ids, int from, int to, float[] logits, IntPredicate goesOn) {
    if (from >= to) {
      throw new IllegalArgumentException("a prompt must hold a token");
    }
    if (cache.length(slot) + (to - from) > cache.capacity()) {
      throw new IllegalStateException(
          (to - from) + " more tokens do not fit: the slot holds " + cache.length(slot) + " of " + cache.capacity());
    }
    int length = cache.length(slot) + to - from;
    for (int at = from; at < to; at += promptChunk) {
      int count = Math.min(promptChunk, to - at);
      try (TensorScope _ = TensorScope.open();
          TokenBatch batch = TokenBatch.cached(count)) {
        place(batch, slot, ids, at, count, length);
        Tensor hidden = Executor.with(backend, () -> model.hidden(batch, cache));
        if (at + count == to) {
          Tensor last = hidden.slice(0, count - 1, count);
          Executor.with(backend, () -> model.logits(last)).get(0, logits, model.vocabularySize());
        }
      }
      cache.advance(slot, count);
      if (!goesOn.test(at + count) && at + count < to) {
        return false;
      }
    }
    return true;
  }

  private void place(TokenBatch batch, int slot, int[] ids, int from, int count, int length) {
    int[] positions = new int[count];
    int[] slots = new int[count];
    Arrays.setAll(positions, i -> cache.length(slot) + i);
    Arrays.fill(slots, slot);
    // for all pieces alike: rotary angles may depend on the length
    batch.set(Arrays.copyOfRange(ids, from, from + count), positions, slots, length);
  }

  /**
   * Adds one token to each of the first {@code count} of {@code slots}.
   *
   * @param logits receives, for each, the V logits of what follows
   * @throws IllegalStateException if a slot is full
   */
  public void step(int[] slots, int[] tokens, int count, float[][] logits) {
    Step step = steps[count];
    if (step == null) {
      step = new Step(count);
      steps[count] = step;
    }
    step.run(slots, tokens);
    for (int i = 0; i < count; i++) {
      cache.advance(slots[i], 1);
      step.logits.get((long) i * model.vocabularySize(), logits[i], model.vocabularySize());
    }
  }

  @Override
  public void close() {
    for (Step step : steps) {
      if (step != null) {
        step.close();
      }
    }
    cache.close();
  }

  /** One step for a fixed number of sequences. */
  private final class Step implements AutoCloseable {
    private final TokenBatch batch;
    private final int[] positions;
    private Plan plan;
    private Tensor logits;

    Step(int count) {
      batch = TokenBatch.cached(count);
      positions = new int[count];
    }

    void run(int[] slots, int[] tokens) {
      for (int i = 0; i < positions.length; i++) {
        positions[i] = cache.length(slots[i]);
        if (positions[i] >= cache.capacity()) {
          throw new IllegalStateException("slot " + slots[i] + " is full: it holds " + cache.capacity() + " tokens");
        }
      }
      batch.set(tokens, positions, slots);
      if (plan == null) {
        plan = Plan.record(backend, () -> logits = model.logits(model.hidden(batch, cache)).keep());
      } else {
        model.place(batch);
        plan.replay();
      }
    }

    @Override
    public void close() {
      if (plan != null) {
        logits.close();
        plan.close();
      }
      batch.close();
    }
  }
}
