package io.garut.train.data;

import io.garut.transformer.Prompts;
import io.garut.transformer.tokenizer.AddedToken;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes tokens of records, and says which are learnt.
 *
 * <p><b>Instructions</b> as {@code databrickslabs/dolly} trains on them ({@code training/consts.py}, {@code trainer.py}):
 * {@link Prompts#dolly(String, String)}, the response, a blank line, {@code ### End}. The text is tokenized whole; what
 * stands after the first {@code ### Response:\n} is learnt, except end-of-text tokens written in it, for Dolly pads with
 * that token and never learns it. Where the tokenizer lacks Dolly's tokens, their text is used, and what is learnt is
 * found by tokenizing prompt and response apart.
 *
 * <p><b>Conversations</b> as {@link io.garut.transformer.generation.Chat} leads them: with Dolly's tokens, the introduction, a
 * system message as a paragraph of its own, and for each turn {@link Prompts#dollyTurn}, the answer, a blank line and
 * {@code ### End}, which is learnt with the answer; without them, the system message, {@code User:} and {@code
 * Assistant:} on lines of their own, each answer learnt with the {@code User:} or the end-of-text token after it.
 *
 * <p><b>Completions</b>: prompt and completion, tokenized apart, and the end-of-text token, learnt with the completion.
 * <b>Documents</b>: the text and the end-of-text token, all learnt.
 *
 * <p>Immutable; threads may share one.
 */
public final class RecordEncoder {
  private static final String END_OF_TEXT = "<|endoftext|>";

  private final Tokenizer tokenizer;
  private final OptionalInt endOfText;
  private final OptionalInt responseKey;

  private RecordEncoder(Tokenizer tokenizer, OptionalInt endOfText) {
    this.tokenizer = tokenizer;
    this.endOfText = endOfText;
    this.responseKey = Prompts.isDolly(tokenizer) ? tokenizer.id(Prompts.DOLLY_RESPONSE) : OptionalInt.empty();
  }

  /** An encoder whose end-of-text token is the tokenizer's {@code <|endoftext|>}, if it has that. */
  public static RecordEncoder of(Tokenizer tokenizer) {
    return new RecordEncoder(tokenizer, tokenizer.id(END_OF_TEXT));
  }

  /** An encoder with this end-of-text token, for tokenizers that call it otherwise. */
  public static RecordEncoder of(Tokenizer tokenizer, int endOfText) {
    tokenizer.token(endOfText); // refuses an id that stands for no token
    return new RecordEncoder(tokenizer, OptionalInt.of(endOfText));
  }

  /**
   * The tokens that Dolly adds to a tokenizer before it trains, in its order, so that they get its ids: for {@link
   * io.garut.transformer.tokenizer.ByteLevelBpe#withAddedTokens}. The model's embeddings must have room for them.
   */
  public static List<AddedToken> dollyTokens() {
    return List.of(
        AddedToken.special(Prompts.DOLLY_END),
        AddedToken.special(Prompts.DOLLY_INSTRUCTION),
        AddedToken.special(Prompts.DOLLY_RESPONSE));
  }

  /** The tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The token that ends texts, if there is one. */
  public OptionalInt endOfText() {
    return endOfText;
  }

  /** Whether the tokenizer has Dolly's tokens. */
  public boolean isDolly() {
    return responseKey.isPresent();
  }

  /** The tokens of a record and what is learnt of them. */
  public Example encode(TrainingRecord record) {
    return switch (record) {
      case TrainingRecord.Instruction instruction -> instruction(instruction);
      case TrainingRecord.Conversation conversation -> conversation(conversation.messages());
      case TrainingRecord.Completion completion ->
          new Parts().read(completion.prompt()).learn(completion.completion()).learnEnd().example();
      case TrainingRecord.Document document -> new Parts().learn(document.text()).learnEnd().example();
    };
  }

  /** The text before the response of an instruction. */
  public static String prompt(TrainingRecord.Instruction record) {
    return record.context().isEmpty()
        ? Prompts.dolly(record.instruction())
        : Prompts.dolly(record.instruction(), record.context());
  }

  private Example instruction(TrainingRecord.Instruction record) {
    String answer = answer(record.response());
    if (responseKey.isEmpty()) {
      return new Parts().read(prompt(record)).learn(answer).example();
    }
    int[] ids = tokenizer.encode(prompt(record) + answer);
    int key = 0;
    while (key < ids.length && ids[key] != responseKey.getAsInt()) {
      key++;
    }
    if (key == ids.length) {
      throw new IllegalStateException(
          "the tokenizer makes no token of " + Prompts.DOLLY_RESPONSE.strip() + " in a prompt: another added token holds a"
              + " part of it; take that out of the tokenizer");
    }
    Example example = Example.after(key + 1, ids);
    if (endOfText.isPresent()) {
      int[] labels = example.labels();
      Arrays.setAll(labels, i -> labels[i] == endOfText.getAsInt() ? Example.IGNORE : labels[i]);
    }
    return example;
  }

  private Example conversation(List<Message> messages) {
    boolean dolly = isDolly();
    Parts parts = new Parts();
    String before = dolly ? Prompts.dollyIntroduction() : "";
    for (int i = 0; i < messages.size(); i++) {
      String content = messages.get(i).content();
      boolean last = i == messages.size() - 1;
      switch (messages.get(i).role()) {
        case SYSTEM -> before += content + (dolly ? "\n\n" : "\n");
        case USER -> {
          String asked = dolly ? Prompts.dollyTurn(content) : " " + content + "\nAssistant:";
          boolean named = dolly || i > 0 && messages.get(i - 1).role() == Message.Role.ASSISTANT;
          parts.read(before + (named ? "" : "User:") + asked);
        }
        case ASSISTANT -> {
          parts.learn(dolly ? answer(content) : " " + content + (last ? "" : "\nUser:"));
          before = dolly ? "\n\n" : "";
        }
      }
    }
    return dolly ? parts.example() : parts.learnEnd().example();
  }

  private static String answer(String response) {
    return response + "\n\n" + Prompts.DOLLY_END;
  }

  /** Texts that are tokenized apart, one after another. */
  private final class Parts {
    private final List<int[]> ids = new ArrayList<>();
    private final List<Boolean> learnt = new ArrayList<>();

    Parts read(String text) {
      return add(tokenizer.encode(text, false), false);
    }

    Parts learn(String text) {
      return add(tokenizer.encode(text, false), true);
    }

    Parts learnEnd() {
      return endOfText.isPresent() ? add(new int[] {endOfText.getAsInt()}, true) : this;
    }

    private Parts add(int[] part, boolean isLearnt) {
      ids.add(part);
      learnt.add(isLearnt);
      return this;
    }

    Example example() {
      int[] all = ids.stream().flatMapToInt(Arrays::stream).toArray();
      int[] labels = all.clone();
      int at = 0;
      for (int i = 0; i < ids.size(); i++) {
        int end = at + ids.get(i).length;
        if (!learnt.get(i)) {
          Arrays.fill(labels, at, end, Example.IGNORE);
        }
        at = end;
      }
      return new Example(all, labels);
    }
  }
}
