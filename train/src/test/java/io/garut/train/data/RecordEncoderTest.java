package io.garut.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.train.data.Message.Role;
import io.garut.train.data.TrainingRecord.Completion;
import io.garut.train.data.TrainingRecord.Conversation;
import io.garut.train.data.TrainingRecord.Document;
import io.garut.train.data.TrainingRecord.Instruction;
import io.garut.transformer.tokenizer.AddedToken;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {
  private static final String INTRODUCTION =
      "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n";
  private static final Conversation TALK = new Conversation(List.of(
      new Message(Role.SYSTEM, "Be kind."),
      new Message(Role.USER, "Why?"),
      new Message(Role.ASSISTANT, "So."),
      new Message(Role.USER, "And then?"),
      new Message(Role.ASSISTANT, "The end.")));

  private static List<JsonNode> cases() throws IOException {
    try (InputStream in = RecordEncoderTest.class.getResourceAsStream("encoder-cases.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(in).spliterator(), false).toList();
    }
  }

  private static Instruction record(JsonNode node) {
    return new Instruction(
        node.get("instruction").asText(), node.get("context").asText(), node.get("response").asText());
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** What is learnt as text, each stretch in brackets. */
  private static String shown(Tokenizer tokenizer, Example example) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < example.length(); ) {
      int from = i;
      boolean learnt = example.labels()[i] != Example.IGNORE;
      while (i < example.length() && (example.labels()[i] != Example.IGNORE) == learnt) {
        assertThat(example.labels()[i]).isEqualTo(learnt ? example.ids()[i] : Example.IGNORE);
        i++;
      }
      String stretch = tokenizer.decode(Arrays.copyOfRange(example.ids(), from, i));
      text.append(learnt ? "[" + stretch + "]" : stretch);
    }
    return text.toString();
  }

  @Test
  void tokensAndLabelsAreThoseOfTransformers() throws IOException {
    RecordEncoder encoder = RecordEncoder.of(Tokenizers.conformance("../models/tales-7m"));
    assertThat(encoder.isDolly()).isTrue();
    assertThat(cases()).hasSize(20).allSatisfy(node -> {
      Example example = encoder.encode(record(node));
      int[] ids = ints(node.get("ids"));
      assertThat(example.ids()).isEqualTo(ids);
      int[] labels = ids.clone();
      Arrays.fill(labels, 0, node.get("first").asInt(), Example.IGNORE);
      Arrays.stream(ints(node.get("ignored"))).forEach(i -> labels[i] = Example.IGNORE);
      assertThat(example.labels()).isEqualTo(labels);
    });
  }

  @Test
  void withoutDollysTokensPromptAndResponseAreTokenizedApart() throws IOException {
    RecordEncoder encoder = RecordEncoder.of(Tokenizers.conformance("tokenizers/gpt-neox-20b"));
    assertThat(encoder.isDolly()).isFalse();
    assertThat(cases()).allSatisfy(node -> {
      Example example = encoder.encode(record(node));
      long checksum = IntStream.range(0, example.length()).mapToLong(i -> (i + 1L) * example.ids()[i]).sum();
      JsonNode apart = node.get("apart");
      assertThat(example.length()).isEqualTo(apart.get("tokens").asInt());
      assertThat(checksum % Integer.MAX_VALUE).isEqualTo(apart.get("checksum").asLong());
      int prompt = apart.get("prompt").asInt();
      assertThat(Arrays.copyOf(example.labels(), prompt)).containsOnly(Example.IGNORE);
      assertThat(Arrays.copyOfRange(example.labels(), prompt, example.length()))
          .isEqualTo(Arrays.copyOfRange(example.ids(), prompt, example.length()));
    });
  }

  @Test
  void instructionsAreDollys() {
    for (ByteLevelBpe tokenizer : List.of(Tokenizers.dolly(), Tokenizers.plain())) {
      RecordEncoder encoder = RecordEncoder.of(tokenizer);
      assertThat(shown(tokenizer, encoder.encode(new Instruction("Why?", "", "So.")))).isEqualTo(
          INTRODUCTION + "### Instruction:\nWhy?\n\n### Response:\n[So.\n\n### End]");
      assertThat(shown(tokenizer, encoder.encode(new Instruction("Why?", "A ewe.", "So.")))).isEqualTo(
          INTRODUCTION + "### Instruction:\nWhy?\n\nInput:\nA ewe.\n\n### Response:\n[So.\n\n### End]");
    }
  }

  @Test
  void dollyNeverLearnsTheTokenThatItPadsWith() {
    ByteLevelBpe tokenizer = Tokenizers.dolly();
    assertThat(shown(tokenizer, RecordEncoder.of(tokenizer).encode(new Instruction("a", "", "b<|endoftext|>c"))))
        .endsWith("[b]<|endoftext|>[c\n\n### End]");
  }

  @Test
  void everyAnswerOfAConversationIsLearnt() {
    ByteLevelBpe dolly = Tokenizers.dolly();
    Example example = RecordEncoder.of(dolly).encode(TALK);
    assertThat(shown(dolly, example)).isEqualTo(
        INTRODUCTION + "Be kind.\n\n### Instruction:\nWhy?\n\n### Response:\n[So.\n\n### End]\n\n"
            + "### Instruction:\nAnd then?\n\n### Response:\n[The end.\n\n### End]");
    assertThat(example.ids()).as("parts have the tokens of the whole").isEqualTo(dolly.encode(dolly.decode(example.ids())));
    ByteLevelBpe plain = Tokenizers.plain();
    example = RecordEncoder.of(plain).encode(TALK);
    assertThat(shown(plain, example)).isEqualTo(
        "Be kind.\nUser: Why?\nAssistant:[ So.\nUser:] And then?\nAssistant:[ The end.<|endoftext|>]");
    assertThat(example.ids()).isEqualTo(plain.encode(plain.decode(example.ids())));
  }

  @Test
  void oneTurnIsAnInstruction() {
    RecordEncoder encoder = RecordEncoder.of(Tokenizers.dolly());
    Example turn = encoder.encode(
        new Conversation(List.of(new Message(Role.USER, "Why?"), new Message(Role.ASSISTANT, "So."))));
    Example instruction = encoder.encode(new Instruction("Why?", "", "So."));
    assertThat(turn.ids()).isEqualTo(instruction.ids());
    assertThat(turn.labels()).isEqualTo(instruction.labels());
  }

  @Test
  void completionsAndDocumentsEndWithTheEndOfTextToken() {
    ByteLevelBpe tokenizer = Tokenizers.plain();
    RecordEncoder encoder = RecordEncoder.of(tokenizer);
    assertThat(shown(tokenizer, encoder.encode(new Completion("Once", " upon")))).isEqualTo("Once[ upon<|endoftext|>]");
    assertThat(shown(tokenizer, encoder.encode(new Completion("", "Once")))).isEqualTo("[Once<|endoftext|>]");
    assertThat(shown(tokenizer, encoder.encode(new Document("Once")))).isEqualTo("[Once<|endoftext|>]");
    RecordEncoder other = RecordEncoder.of(tokenizer, tokenizer.id("B").orElseThrow());
    assertThat(shown(tokenizer, other.encode(new Document("Once")))).isEqualTo("[OnceB]");
    assertThatThrownBy(() -> RecordEncoder.of(tokenizer, 400)).hasMessageContaining("no token has id 400");
  }

  @Test
  void dollysTokensGetDollysIds() throws IOException {
    ByteLevelBpe pythia = Tokenizers.conformance("tokenizers/gpt-neox-20b").withAddedTokens(RecordEncoder.dollyTokens());
    assertThat(pythia.encode("### End### Instruction:### Response:\n")).containsExactly(50277, 50278, 50279);
  }

  @Test
  void anAddedTokenThatHidesTheResponseKeyIsToldOf() {
    ByteLevelBpe hiding = Tokenizers.dolly().withAddedTokens(List.of(AddedToken.special("\n### Res")));
    RecordEncoder encoder = RecordEncoder.of(hiding);
    assertThatThrownBy(() -> encoder.encode(new Instruction("a", "", "b"))).isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("the tokenizer makes no token of ### Response: in a prompt");
  }
}
