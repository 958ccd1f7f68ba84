package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
  /** The texts that the fixture "plain" was trained on, by the program that made it. */
  private static final List<String> SENTENCES = Collections.nCopies(3, List.of(
          "The sheep of the island graze where the grass is short and the wind is strong.",
          "A shepherd counted 12 sheep, then 123 sheep, then fell asleep at 3:45 in the morning.",
          "Don't say it's theirs; we've seen that they're ours, and I'll prove it, he'd said. I'm sure!",
          "Über die grünen Hügel ging der Schäfer; les brebis étaient déjà là, naïves et fières.",
          "def count(flock):\n    return sum(1 for sheep in flock)\n\n\tprint(count([]))",
          "Привет, овцы! Γειά σας πρόβατα. 羊は草を食べる。양이 풀을 먹는다."))
      .stream().flatMap(List::stream).toList();

  private static final BpeTrainer TRAINER =
      BpeTrainer.ofSize(400).specialTokens(List.of("<|endoftext|>", "<|padding|>"));

  @Test
  void learnsTheMergesThatHuggingFaceLearns() {
    JsonNode ours = Cases.read(TRAINER.train(SENTENCES.iterator()).toJson());
    JsonNode theirs = Cases.read(Cases.resource("plain.json"));
    assertThat(ours.get("model")).isEqualTo(theirs.get("model"));
    assertThat(ours.get("normalizer")).isEqualTo(theirs.get("normalizer"));
    assertThat(ours.get("pre_tokenizer")).isEqualTo(theirs.get("pre_tokenizer"));
  }

  @Test
  void doesNotDependOnTheOrderOfTheTexts() {
    List<String> shuffled = new ArrayList<>(SENTENCES);
    Collections.shuffle(shuffled, new Random(7));
    assertThat(TRAINER.train(shuffled.iterator()).toJson()).isEqualTo(TRAINER.train(SENTENCES.iterator()).toJson());
  }

  @Test
  void endsEarlyWhereNothingIsFrequentEnough() {
    ByteLevelBpe tokenizer = TRAINER.minimumFrequency(1000).train(SENTENCES.iterator());
    assertThat(tokenizer.vocabularySize()).isEqualTo(258);
    assertThat(tokenizer.decode(tokenizer.encode("any text: ☃"))).isEqualTo("any text: ☃");
    assertThat(TRAINER.train(Collections.emptyIterator()).vocabularySize()).isEqualTo(258);
  }

  @Test
  void reportsTheGrowingVocabulary() {
    List<Integer> sizes = new ArrayList<>();
    TRAINER.train(SENTENCES.iterator(), sizes::add);
    assertThat(sizes).isSorted().endsWith(400);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> BpeTrainer.ofSize(256)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a vocabulary of 256 tokens is not possible: "
            + "from 257 (256 bytes and the special tokens) to 4194304");
    assertThatThrownBy(() -> TRAINER.specialTokens(List.of(""))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TRAINER.minimumFrequency(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fiveMegabytesTakeSeconds() throws Exception {
    String tales = Files.readString(Cases.conformance("../tales.txt"));
    long start = System.nanoTime();
    ByteLevelBpe tokenizer = BpeTrainer.ofSize(4096).train(List.of(tales.split("<\\|endoftext\\|>")).iterator());
    // Two seconds on an idle core.
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(30);
    assertThat(tokenizer.vocabularySize()).isEqualTo(4096);
  }
}
