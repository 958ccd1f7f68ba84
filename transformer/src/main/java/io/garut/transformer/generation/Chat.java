package io.garut.transformer.generation;

import io.garut.tensor.DType;
import io.garut.transformer.CausalModel;
import io.garut.transformer.Prompts;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A conversation that keeps its KV cache between turns: only what is new goes through the model. In Dolly's prompt
 * format where the tokenizer has Dolly's tokens, else as a plain dialogue of User and Assistant. When the context is
 * full the oldest turns are forgotten. For one thread.
 */
public final class Chat implements AutoCloseable {
  private final Generator generator;
  private final Tokenizer tokenizer;
  private final CausalModel model;
  private final DecodingSession session;
  private final Deque<int[]> turns = new ArrayDeque<>();
  private final boolean dolly;
  private int[] cached = {};
  private int forgotten;
  private int said;

  /** A conversation with the settings of {@code generator}, in a context of {@code contextLength} tokens. */
  public Chat(Generator generator, int contextLength) {
    this.tokenizer = generator.tokenizer();
    this.dolly = Prompts.isDolly(tokenizer);
    this.generator = dolly ? generator : generator.alsoStoppingAt("\nUser:");
    this.model = generator.model();
    if (contextLength < 16 || contextLength > model.contextLength()) {
      throw new IllegalArgumentException(
          "a conversation's context must hold 16 to " + model.contextLength() + " tokens, not " + contextLength);
    }
    DType type = generator.settings().cacheType();
    this.session = new DecodingSession(model, 1, contextLength, type, generator.settings().promptChunk());
  }

  /** Whether Dolly's prompt format is used. */
  public boolean isDolly() {
    return dolly;
  }

  /** Turns forgotten so far because the context was full. */
  public int forgottenTurns() {
    return forgotten;
  }

  /** Tokens in the cache. */
  public int cachedTokens() {
    return session.length(0);
  }

  /**
   * Says {@code message}, and hears the answer.
   *
   * @throws IllegalArgumentException if the message alone fills the context
   */
  public Generation say(String message, GenerationListener listener) {
    int[] prompt = prompt(message);
    int mismatch = Arrays.mismatch(cached, prompt);
    int common = mismatch < 0 ? prompt.length : mismatch;
    session.truncate(0, Math.min(common, prompt.length - 1)); // the last token must be read for its logits
    cached = Arrays.copyOf(cached, session.length(0));
    long seed = generator.settings().sampling().seed();
    Generator asked = generator.seed(seed + said++); // else every answer would be drawn with the same numbers
    TextStream stream =
        new TextStream(
            tokenizer,
            asked.settings(),
            0,
            prompt,
            session.length(0),
            session.capacity(),
            model.vocabularySize(),
            listener);
    try {
      new DecodingLoop(session, generator.settings().maxNewTokens()).run(List.of(stream));
    } finally {
      cached = Arrays.copyOf(stream.tokens(), session.length(0)); // also where it was broken off
    }
    Generation answer = stream.result();
    turns.addLast(turn(message, answer));
    return answer;
  }

  /** Forgets the conversation. */
  public void clear() {
    turns.clear();
    session.truncate(0, 0);
    cached = new int[0];
    forgotten = 0;
    said = 0;
  }

  /** The whole conversation with {@code message} at its end; old turns go until an answer has room. */
  private int[] prompt(String message) {
    int[] question = tokenizer.encode(turn(message));
    int[] introduction = dolly ? tokenizer.encode(Prompts.dollyIntroduction()) : new int[0];
    int room = session.capacity() - introduction.length - question.length;
    if (room < 1) {
      throw new IllegalArgumentException(
          "the message has " + question.length + " tokens, the context holds " + session.capacity() + "; shorten it");
    }
    int answer = Math.min(generator.settings().maxNewTokens(), Math.max(room / 4, 1));
    int history = turns.stream().mapToInt(turn -> turn.length).sum();
    while (history > 0 && history + answer > room) {
      history -= turns.removeFirst().length;
      forgotten++;
    }
    int[] all = Arrays.copyOf(introduction, introduction.length + history + question.length);
    int at = introduction.length;
    for (int[] turn : turns) {
      System.arraycopy(turn, 0, all, at, turn.length);
      at += turn.length;
    }
    System.arraycopy(question, 0, all, at, question.length);
    return all;
  }

  /** Question and answer as the tokens that went through the model, so that the cache serves the next turn. */
  private int[] turn(String message, Generation answer) {
    boolean ended = answer.reason() == StopReason.END;
    String rest = dolly ? (ended ? "\n\n" : "\n\n" + Prompts.DOLLY_END + "\n\n") : "\n";
    int[] question = tokenizer.encode(turn(message));
    int[] drawn = answer.ids();
    if (answer.reason() == StopReason.STOP_STRING) {
      drawn = tokenizer.encode(answer.text()); // what was drawn beyond it was not said
    } else if (ended && !dolly) {
      drawn = Arrays.copyOf(drawn, drawn.length - 1);
    }
    int[] end = tokenizer.encode(rest);
    return Stream.of(question, drawn, end).flatMapToInt(IntStream::of).toArray();
  }

  private String turn(String message) {
    return dolly ? Prompts.dollyTurn(message) : "User: " + message + "\nAssistant:";
  }

  @Override
  public void close() {
    session.close();
  }
}
