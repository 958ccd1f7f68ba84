package io.garut.transformer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TaskFileTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void theQuestionsAreTheHarnesss(Task task) throws IOException {
    TaskFile file = TaskFile.read(task, Fixtures.file(task));
    JsonNode expected = Fixtures.expected(task).get("items");
    assertThat(file.items()).hasSize(expected.size());
    assertThat(file.records()).isEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      Item item = file.items().get(i);
      JsonNode wanted = expected.get(i);
      assertThat(item.place().toString()).endsWith(task.id() + ".jsonl:" + (i + 1));
      assertThat(item.passages()).hasSize(wanted.get("passages").size());
      for (int j = 0; j < item.passages().size(); j++) {
        JsonNode pair = wanted.get("passages").get(j);
        assertThat(item.passages().get(j)).isEqualTo(new Passage(pair.get(0).asText(), pair.get(1).asText()));
      }
      if (item instanceof Item.Choice choice) {
        assertThat(choice.gold()).isEqualTo(wanted.get("gold").asInt());
        for (int j = 0; j < choice.lengths().size(); j++) {
          assertThat(choice.lengths().get(j)).isEqualTo(wanted.get("lengths").get(j).asInt());
        }
      } else {
        assertThat(wanted.get("gold").isNull()).isTrue();
      }
    }
  }

  @Test
  void theLimitTakesTheFirst() throws IOException {
    Path file = Fixtures.file(Task.PIQA);
    List<Item> all = TaskFile.read(Task.PIQA, file).items();
    TaskFile three = TaskFile.read(Task.PIQA, file, 3);
    assertThat(three.items()).isEqualTo(all.subList(0, 3));
    assertThat(three.records()).isEqualTo(7);
    assertThat(TaskFile.read(Task.PIQA, file, 0.5).items()).as("half of seven, rounded up").hasSize(4);
    assertThat(TaskFile.read(Task.PIQA, file, 1000).items()).hasSize(7);
  }

  @Test
  void emptyLinesCountAsLinesOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("x.jsonl"), "\n{\"text\": \"a b\"}\r\n  \n{\"text\": \"c\"}");
    List<Item> items = TaskFile.read(Task.LAMBADA, file).items();
    assertThat(items)
        .containsExactly(
            new Item.Cloze(new Place(file, 2), new Passage("a", " b")),
            new Item.Cloze(new Place(file, 4), new Passage("", " c")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          LAMBADA       | {"txt": "a b"}                    | has no 'text'; a record of lambada_openai holds text
          LAMBADA       | {"text": "a b "}                  | 'text' does not end in a word
          LAMBADA       | {"text": 3}                       | 'text' is not a text
          LAMBADA       | [1]                               | is not a JSON object; a line holds text
          LAMBADA       | {"text": "a b"                    | is not valid JSON (
          LAMBADA       | {"text": "a b"} {"text": "c d"}   | is not valid JSON (
          LAMBADA       | {"text": "a b", "text": "c d"}    | is not valid JSON (
          PIQA          | {"goal": "a", "sol1": "b", "sol2": "c", "label": 2}   | the answer is number 2 (from 0) of 2
          PIQA          | {"goal": "a", "sol1": "b", "sol2": "c", "label": -1}  | the answer is number -1
          PIQA          | {"goal": "a", "sol1": "b", "sol2": "c", "label": 0.5} | 'label' is 0.5, not a whole number
          PIQA          | {"goal": "a", "sol1": "b", "sol2": null, "label": 0}  | has no 'sol2'; a record of piqa holds goal
          HELLASWAG     | {"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["x"], "label": ""} | (a test split
          HELLASWAG     | {"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": "x", "label": 0} | not a list
          HELLASWAG     | {"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": [], "label": 0} | of 0 choices
          ARC_EASY      | {"question": "a", "choices": ["b"], "answerKey": "A"} | 'choices' is not an object
          ARC_CHALLENGE | {"question": "a", "choices": {"text": ["b"], "label": ["A"]}, "answerKey": "B"} | the answer is B
          WINOGRANDE    | {"sentence": "a", "option1": "b", "option2": "c", "answer": "1"}   | 'sentence' has no gap (_)
          WINOGRANDE    | {"sentence": "a_", "option1": "b", "option2": "c", "answer": "3"}  | the answer is number 2
          WINOGRANDE    | {"sentence": "a_", "option1": "b", "option2": "c", "answer": "x"}  | 'answer' is "x", not a whole
          """)
  void aBadRecordIsNamedByFileAndLine(Task task, String line, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("x.jsonl"), "\n" + line + "\n");
    assertThatThrownBy(() -> TaskFile.read(task, file))
        .isInstanceOf(RecordException.class)
        .hasMessageStartingWith(file + ":2: ")
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void filesThatAreNone() throws IOException {
    assertThatThrownBy(() -> TaskFile.read(Task.PIQA, folder.resolve("x"))).isInstanceOf(NoSuchFileException.class);
    Path file = Files.write(folder.resolve("y"), "{\"text\": \"k\u00e4se\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TaskFile.read(Task.LAMBADA, file)).hasMessageContaining("y:1: here or soon after it");
    assertThatThrownBy(() -> Task.named("lambda")).hasMessageContaining("'lambda'; there are lambada_openai, piqa");
    assertThat(Task.named("arc_challenge")).isEqualTo(Task.ARC_CHALLENGE);
  }
}
