package io.garut.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.TinyModels;
import io.garut.transformer.tokenizer.LetterTokenizer;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final Tokenizer LETTERS = new LetterTokenizer();
  private static GptNeoX model;

  @BeforeAll
  static void open() {
    model = TinyModels.model(DType.F32);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Generator generator() {
    return Generator.of(model, LETTERS).cacheType(DType.F32).endTokens(Set.of()).maxNewTokens(20);
  }

  @Test
  void severalAtOnceGiveWhatEachGivesAlone() {
    List<String> prompts = List.of("Why?", "Once upon a time there was", "z", "Why?");
    Generator generator = generator();
    // something that the second text comes to ends all, so that they end at different times
    int end = generator.generate(prompts.get(1)).ids()[9];
    generator = generator.endTokens(Set.of(end));
    List<Generation> together = generator.generateAll(prompts);
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Generation alone = generator.generate(prompts.get(i));
      assertThat(together.get(i).ids()).as(prompts.get(i)).containsExactly(alone.ids());
      assertThat(together.get(i).text()).isEqualTo(alone.text());
      assertThat(together.get(i).reason()).isEqualTo(alone.reason());
      assertThat(together.get(i).promptTokens()).isEqualTo(prompts.get(i).length());
      lengths.add(alone.ids().length);
    }
    assertThat(lengths.get(1)).isLessThanOrEqualTo(10);
    assertThat(Set.copyOf(lengths)).as("they end at different times: %s", lengths).hasSizeGreaterThan(1);
    assertThat(generator.generateAll(List.of())).isEmpty();
  }

  @Test
  void equalPromptsAreDrawnDifferently() {
    List<Generation> two = generator().temperature(1).seed(3).generateAll(List.of("Why?", "Why?"));
    assertThat(two.get(0).ids()).isNotEqualTo(two.get(1).ids());
    assertThat(two.get(1).ids()).isEqualTo(generator().temperature(1).seed(4).generate("Why?").ids());
  }

  @Test
  void theLengthEndsIt() {
    Generation text = generator().generate("Why?");
    assertThat(text.reason()).isEqualTo(StopReason.LENGTH);
    assertThat(text.tokens()).hasSize(20).allMatch(token -> token.logProbability() < 0);
  }

  @Test
  void theContextEndsIt() {
    String prompt = "sheep ".repeat(10); // 60 of 64
    Generation text = generator().generate(prompt);
    assertThat(text.reason()).isEqualTo(StopReason.CONTEXT);
    assertThat(text.tokens()).as("four are read, and a fifth follows from them").hasSize(5);
    List<Generation> two = generator().generateAll(List.of(prompt, "Why?"));
    assertThat(two.get(0).ids()).containsExactly(text.ids());
    assertThat(two.get(1).reason()).isEqualTo(StopReason.LENGTH);
    assertThatThrownBy(() -> generator().generate("sheep!!!".repeat(8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the prompt has 64 tokens, the model's context holds 64; shorten it");
  }

  @Test
  void everyEndTokenOfTheModelEndsIt() {
    int[] ids = generator().generate("Why?").ids();
    RotaryConfig rotary = new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled());
    List<Integer> ends = List.of(96, ids[2]);
    NeoXConfig config =
        new NeoXConfig(97, 64, 2, 4, 256, Activation.GELU, rotary, 64, 1e-5, true, true, false, 0, ends);
    try (GptNeoX several = GptNeoX.random(config, DType.F32, 11)) {
      several.prepare();
      Generation text = Generator.of(several, LETTERS).cacheType(DType.F32).maxNewTokens(20).generate("Why?");
      assertThat(text.reason()).isEqualTo(StopReason.END);
      assertThat(text.ids()).hasSizeLessThanOrEqualTo(3).endsWith(ids[2]);
    }
  }

  @Test
  void stopStringsAreNoPartOfTheText() {
    try (GptNeoX chain = TinyModels.chain(LETTERS.encode("aBcf# End.so"))) {
      Generator generator = Generator.of(chain, LETTERS).maxNewTokens(20).stopStrings("never");
      StringBuilder heard = new StringBuilder();
      Generation text = generator.alsoStoppingAt("# E").stream("a", heard::append);
      assertThat(text.text()).isEqualTo("Bcf").isEqualTo(heard.toString());
      assertThat(text.reason()).isEqualTo(StopReason.STOP_STRING);
      assertThat(text.ids()).as("what was drawn").containsExactly(LETTERS.encode("Bcf# E"));
      assertThat(generator.stopStrings("cf").generate("a").text()).isEqualTo("B");
    }
  }

  /** Hears pieces, and has had enough after some. */
  private static final class Impatient implements GenerationListener {
    private final int pieces;
    private final int promptTokens;
    private final StringBuilder heard = new StringBuilder();
    private int read;

    Impatient(int pieces, int promptTokens) {
      this.pieces = pieces;
      this.promptTokens = promptTokens;
    }

    @Override
    public void text(String piece) {
      heard.append(piece);
    }

    @Override
    public void prompt(int done, int total) {
      read = done;
    }

    @Override
    public boolean cancelled() {
      return heard.length() >= pieces || read >= promptTokens;
    }
  }

  @Test
  void theListenerEndsIt() {
    Generator generator = generator().promptChunk(4);
    Generation whole = generator.generate("Once upon a time");
    Impatient listener = new Impatient(3, 100);
    Generation text = generator.generate("Once upon a time", listener);
    assertThat(text.reason()).isEqualTo(StopReason.CANCELLED);
    assertThat(text.text()).hasSize(3).isEqualTo(listener.heard.toString());
    assertThat(whole.text()).startsWith(text.text());
    assertThat(listener.read).isEqualTo(16);

    Impatient reader = new Impatient(100, 8);
    Generation none = generator.generate("Once upon a time", reader);
    assertThat(none.reason()).isEqualTo(StopReason.CANCELLED);
    assertThat(none.tokens()).isEmpty();
    assertThat(reader.read).as("of the prompt's 16 tokens").isEqualTo(8);

    assertThat(generator.generate("Once", new Impatient(0, 0)).reason()).isEqualTo(StopReason.CANCELLED);
  }

  @Test
  void whatIsNoPromptIsRefused() {
    assertThatThrownBy(() -> generator().generate("")).hasMessageContaining("the prompt holds no token");
    assertThatThrownBy(() -> generator().generate(new int[] {5, 97}, piece -> {}))
        .hasMessageContaining("token 97 is outside the model's vocabulary of 97");
  }
}
