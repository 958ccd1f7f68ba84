package io.garut.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.TinyModels;
import io.garut.transformer.tokenizer.LetterTokenizer;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChatTest {
  private static final Tokenizer LETTERS = new LetterTokenizer();

  /** Counts what goes through the model of a prompt. */
  private static final class Counter implements GenerationListener {
    private int read;
    private boolean enough;

    @Override
    public void text(String piece) {}

    @Override
    public void prompt(int done, int total) {
      read++;
    }

    @Override
    public boolean cancelled() {
      return enough;
    }
  }

  private static Generator generator(GptNeoX model) {
    // one token at a time, so that the prompt's pieces are its tokens
    return Generator.of(model, LETTERS).cacheType(DType.F32).promptChunk(1).maxNewTokens(6);
  }

  @Test
  void theNextSpeakersNameEndsAnAnswer() {
    try (GptNeoX model = TinyModels.chain(LETTERS.encode(":OK\nUser:"));
        Chat chat = new Chat(generator(model).maxNewTokens(20), 64)) {
      assertThat(chat.isDolly()).isFalse();
      Generation answer = chat.say("a", piece -> {});
      assertThat(answer.text()).isEqualTo("OK");
      assertThat(answer.reason()).isEqualTo(StopReason.STOP_STRING);
      String talk = "User: a\nAssistant:OK\nUser: b\nAssistant:";
      assertThat(chat.say("b", piece -> {}).promptTokens()).as("said once").isEqualTo(talk.length());
    }
  }

  /** The conversation gives what its whole text gives, and only what is new goes through the model. */
  @Test
  void whatWasSaidStays() {
    try (GptNeoX model = TinyModels.model(DType.F32);
        Chat chat = new Chat(generator(model).endTokens(Set.of()), 64)) {
      Generator alone = generator(model).endTokens(Set.of()).alsoStoppingAt("\nUser:");
      Generation first = chat.say("a", piece -> {});
      String talk = "User: a\nAssistant:";
      assertThat(first.ids()).containsExactly(alone.generate(talk).ids());
      assertThat(chat.cachedTokens()).as("all but the last token drawn").isEqualTo(talk.length() + 5);

      talk += first.text() + "\nUser: b\nAssistant:";
      Counter counter = new Counter();
      Generation second = chat.say("b", counter);
      assertThat(second.promptTokens()).isEqualTo(talk.length());
      assertThat(second.ids()).containsExactly(alone.generate(talk).ids());
      assertThat(counter.read).as("tokens read").isEqualTo("\nUser: b\nAssistant:".length() + 1);

      chat.clear();
      assertThat(chat.cachedTokens()).isZero();
      assertThat(chat.say("a", piece -> {}).ids()).containsExactly(first.ids());
    }
  }

  @Test
  void aBrokenOffAnswerStaysAsFarAsItCame() {
    try (GptNeoX model = TinyModels.model(DType.F32);
        Chat chat = new Chat(generator(model).endTokens(Set.of()), 64)) {
      Generator alone = generator(model).endTokens(Set.of()).alsoStoppingAt("\nUser:");
      Counter impatient = new Counter();
      impatient.enough = true;
      assertThat(chat.say("a", impatient).reason()).isEqualTo(StopReason.CANCELLED);
      String talk = "User: a\nAssistant:\nUser: b\nAssistant:";
      assertThat(chat.say("b", piece -> {}).ids()).containsExactly(alone.generate(talk).ids());
    }
  }

  @Test
  void theOldestTurnsAreForgotten() {
    try (GptNeoX model = TinyModels.model(DType.F32);
        Chat chat = new Chat(generator(model).endTokens(Set.of()), 64)) {
      Generator alone = generator(model).endTokens(Set.of()).alsoStoppingAt("\nUser:");
      String before = "";
      for (String message : new String[] {"one", "two", "three"}) {
        Generation answer = chat.say(message, piece -> {});
        String turn = "User: " + message + "\nAssistant:";
        int prompt = answer.promptTokens();
        String talk = prompt == turn.length() ? turn : before + turn; // one turn has room beside the question
        assertThat(prompt).isEqualTo(talk.length());
        assertThat(answer.ids()).as(message).containsExactly(alone.generate(talk).ids());
        before = turn + answer.text() + "\n";
      }
      assertThat(chat.forgottenTurns()).isPositive();
      assertThatThrownBy(() -> chat.say("x".repeat(60), piece -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the context holds 64; shorten it");
    }
  }

  @Test
  void theContextHasBounds() {
    try (GptNeoX model = TinyModels.model(DType.F32)) {
      assertThatThrownBy(() -> new Chat(generator(model), 65)).hasMessageContaining("must hold 16 to 64 tokens, not 65");
      assertThatThrownBy(() -> new Chat(generator(model), 15)).hasMessageContaining("not 15");
    }
  }
}
