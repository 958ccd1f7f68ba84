package io.garut.transformer.generation;

import io.garut.transformer.sampling.Sampler;
import io.garut.transformer.sampling.SamplingParameters;
import io.garut.transformer.tokenizer.TokenDecoder;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One sequence on its way: what it has seen, its sampler, its text so far. */
final class TextStream {
  private final Generator.Settings settings;
  private final int slot;
  private final int cached;
  private final int promptLength;
  private final GenerationListener listener;
  private final Sampler sampler;
  private final TokenDecoder decoder;
  private final StopStrings stops;
  private final float[] logits;
  private final StringBuilder text = new StringBuilder();
  private int[] tokens; // the prompt, then what was drawn
  private double[] logProbabilities;
  private int length;
  private StopReason reason;

  /** A stream whose slot, for {@code capacity} tokens, holds the first {@code cached} of its prompt. */
  TextStream(
      Tokenizer tokenizer,
      Generator.Settings settings,
      int slot,
      int[] prompt,
      int cached,
      int capacity,
      int vocabulary,
      GenerationListener listener) {
    this.settings = settings;
    this.slot = slot;
    this.cached = cached;
    this.promptLength = prompt.length;
    this.listener = listener;
    SamplingParameters sampling = settings.sampling();
    this.sampler = new Sampler(sampling.withSeed(sampling.seed() + slot), vocabulary); // equal prompts, other texts
    this.decoder = tokenizer.decoder(true);
    this.stops = new StopStrings(settings.stopStrings());
    this.logits = new float[vocabulary];
    int most = Math.min(settings.maxNewTokens(), capacity - prompt.length + 1); // the last one is drawn, never read
    this.tokens = Arrays.copyOf(prompt, prompt.length + most);
    this.logProbabilities = new double[most];
    this.length = prompt.length;
  }

  int slot() {
    return slot;
  }

  int last() {
    return tokens[length - 1];
  }

  float[] logits() {
    return logits;
  }

  void prefill(DecodingSession session) {
    boolean whole =
        !listener.cancelled()
            && session.prefill(
                slot,
                tokens,
                cached,
                promptLength,
                logits,
                done -> {
                  listener.prompt(done, promptLength);
                  return !listener.cancelled();
                });
    if (!whole) {
      end(StopReason.CANCELLED);
    }
  }

  /** Draws the next token from the logits; whether the text goes on. */
  boolean draw(int maxNewTokens) {
    if (reason != null) {
      return false;
    }
    if (listener.cancelled()) {
      end(StopReason.CANCELLED);
      return false;
    }
    int id = sampler.sample(logits, tokens, length);
    logProbabilities[length - promptLength] = sampler.logProbability();
    tokens[length++] = id;
    if (settings.endTokens().contains(id)) {
      end(StopReason.END);
      return false;
    }
    tell(stops.push(decoder.push(id)));
    if (stops.found()) {
      end(StopReason.STOP_STRING);
      return false;
    }
    if (length - promptLength >= maxNewTokens) {
      end(StopReason.LENGTH);
      return false;
    }
    return true;
  }

  void end(StopReason why) {
    reason = why;
    tell(stops.push(decoder.flush()));
    if (!stops.found()) {
      tell(stops.flush());
    }
  }

  private void tell(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      listener.text(piece);
    }
  }

  /** Everything that the slot may hold: prompt and drawn tokens. */
  int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  Generation result() {
    List<Generation.Token> drawn = new ArrayList<>();
    for (int i = promptLength; i < length; i++) {
      drawn.add(new Generation.Token(tokens[i], logProbabilities[i - promptLength]));
    }
    return new Generation(text.toString(), drawn, promptLength, reason);
  }
}
