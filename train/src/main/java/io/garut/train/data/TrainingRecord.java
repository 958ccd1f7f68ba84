package io.garut.train.data;

import java.util.List;
import java.util.Objects;

/** One record of a training set, whatever file and schema it came in. {@link RecordEncoder} makes tokens of it. */
public sealed interface TrainingRecord {
  /**
   * An instruction and its answer, as in databricks-dolly-15k and Alpaca.
   *
   * @param instruction not empty
   * @param context what the instruction is about, often empty
   * @param response not empty; what is learnt
   * @param category the kind of task, often empty; not shown to the model
   */
  record Instruction(String instruction, String context, String response, String category) implements TrainingRecord {
    /** Refuses an empty instruction or response, as {@code databrickslabs/dolly} does. */
    public Instruction {
      Objects.requireNonNull(context, "context");
      Objects.requireNonNull(category, "category");
      if (instruction.isEmpty()) {
        throw new IllegalArgumentException("the instruction is empty");
      }
      if (response.isEmpty()) {
        throw new IllegalArgumentException("the response is empty");
      }
    }

    /** An instruction without a category. */
    public Instruction(String instruction, String context, String response) {
      this(instruction, context, response, "");
    }
  }

  /**
   * A conversation: perhaps a system message, then user and assistant in turn; every assistant's message is learnt.
   *
   * @param messages ends with one of the assistant's
   */
  record Conversation(List<Message> messages) implements TrainingRecord {
    /** Checks whose turn it is. */
    public Conversation {
      messages = List.copyOf(messages);
      int first = !messages.isEmpty() && messages.getFirst().role() == Message.Role.SYSTEM ? 1 : 0;
      for (int i = first; i < messages.size(); i++) {
        Message.Role due = (i - first) % 2 == 0 ? Message.Role.USER : Message.Role.ASSISTANT;
        if (messages.get(i).role() != due) {
          throw new IllegalArgumentException(
              "message " + (i + 1) + " is the " + messages.get(i).role().id() + "'s, where the " + due.id()
                  + "'s is due: after a system message, if any, user and assistant take turns");
        }
      }
      if (messages.size() == first || (messages.size() - first) % 2 != 0) {
        throw new IllegalArgumentException("the conversation does not end with an answer of the assistant's");
      }
    }
  }

  /**
   * A text and how it goes on, without any form round them.
   *
   * @param prompt only read; may be empty
   * @param completion what is learnt, not empty
   */
  record Completion(String prompt, String completion) implements TrainingRecord {
    /** Checks the completion. */
    public Completion {
      Objects.requireNonNull(prompt, "prompt");
      if (completion.isEmpty()) {
        throw new IllegalArgumentException("the completion is empty");
      }
    }
  }

  /**
   * A plain text, all of which is learnt.
   *
   * @param text not empty
   * @param continues whether it continues the record before it: a very long document of a text file comes in pieces
   */
  record Document(String text, boolean continues) implements TrainingRecord {
    /** Checks the text. */
    public Document {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("the text is empty");
      }
    }

    /** A whole document. */
    public Document(String text) {
      this(text, false);
    }
  }
}
