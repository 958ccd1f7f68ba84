package io.garut.train.data.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Message;
import io.garut.train.data.TrainingRecord;
import io.garut.train.data.TrainingRecord.Completion;
import io.garut.train.data.TrainingRecord.Conversation;
import io.garut.train.data.TrainingRecord.Document;
import io.garut.train.data.TrainingRecord.Instruction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordReaderTest {
  @TempDir private Path folder;

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static List<TrainingRecord> records(Path path) throws IOException {
    return RecordReader.readAll(path).stream().map(LocatedRecord::record).toList();
  }

  @Test
  void schemasAreToldByTheirKeys() throws IOException {
    Path file = file("all.jsonl", """
        {"instruction": "Why?", "context": "", "response": "So.", "category": "open_qa"}
        {"instruction": "Sum up.", "input": "A ewe.", "output": "Ewe.", "text": "Below is"}
        {"instruction": "Why?", "response": "So.", "context": null, "id": 7}

        {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}, \
        {"role": "assistant", "content": "Hello!"}]}
        {"prompt": "", "completion": "A tale."}
        {"text": "Once\\nupon é \\ud83d\\udc11"}""");
    assertThat(records(file)).containsExactly(
        new Instruction("Why?", "", "So.", "open_qa"),
        new Instruction("Sum up.", "A ewe.", "Ewe."),
        new Instruction("Why?", "", "So."),
        new Conversation(List.of(
            new Message(Message.Role.SYSTEM, "Be kind."),
            new Message(Message.Role.USER, "Hello"),
            new Message(Message.Role.ASSISTANT, "Hello!"))),
        new Completion("", "A tale."),
        new Document("Once\nupon é 🐑"));
    assertThat(RecordReader.readAll(file)).extracting(r -> r.source().line()).containsExactly(1L, 2L, 3L, 5L, 6L, 7L);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{\"instruction\": \"a\", \"response\": \"\"} | the response is empty",
      "{\"instruction\": \"\", \"response\": \"b\"} | the instruction is empty",
      "{\"instruction\": \"a\"} | an instruction without response (Dolly) or output (Alpaca)",
      "{\"instruction\": \"a\", \"response\": \"b\", \"output\": \"b\"} | there are both response (Dolly) and output",
      "{\"instruction\": \"a\", \"response\": null} | response is missing",
      "{\"instruction\": 7, \"response\": \"b\"} | instruction is a number, expected text",
      "{\"instruction\": \"a\", \"response\": [\"b\"]} | response is a list, expected text",
      "{\"instruction\": \"a\", \"context\": {}, \"response\": \"b\"} | context is an object, expected text",
      "{\"prompt\": \"a\"} | completion is missing",
      "{\"prompt\": \"a\", \"completion\": \"\"} | the completion is empty",
      "{\"text\": \"\"} | the text is empty",
      "{\"text\": \"\\ud800\"} | text holds half a surrogate pair",
      "{\"question\": \"a\", \"answer\": \"b\"} | the keys \"question, answer\" are no record's: it has instruction and",
      "{} | the keys \"\" are no record's",
      "[] | a record is a JSON object, this is a list",
      "7 | a record is a JSON object, this is a number",
      "{\"messages\": 1} | messages is a number, expected a list",
      "{\"messages\": []} | the conversation does not end with an answer",
      "{\"messages\": [1]} | message 1: this is a number, expected an object",
      "{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]} | message 1: the role \"tool\" is not known",
      "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]} | message 1 is the assistant's, where the user's",
      "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]} | the conversation does not end with an answer",
      "{\"messages\": [{\"role\": \"user\", \"content\": \"\"}]} | the user's message is empty",
      "{\"messages\": [{\"role\": \"user\"}]} | content is missing",
      "{\"text\": \"a\", \"text\": \"b\"} | no JSON: Duplicate field 'text'",
      "{\"text\": \"a\"} {\"text\": \"b\"} | something follows the JSON object",
      "{\"text\": \"a\" | no JSON: Unexpected end-of-input",
      "{\"text\": \"a\u0000\"} | no JSON: Illegal unquoted character",
      "hello | no JSON: Unrecognized token 'hello'",
  })
  void aBadRecordIsNamedByFileAndLine(String json, String message) throws IOException {
    Path file = file("bad.jsonl", "\n{\"text\": \"good\"}\r\n" + json + "\n{\"text\": \"fine\"}\n");
    assertThatThrownBy(() -> records(file))
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(file + ":3: " + message)
        .hasMessageEndingWith("; mend or remove the record")
        .hasMessageNotContaining("\n");
    try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record)
          .containsExactly(new Document("good"), new Document("fine"));
      assertThat(reader.skipped().skipped()).isEqualTo(1);
      assertThat(reader.skipped().toString()).startsWith("1 bad record passed over\n  " + file + ":3: ");
    }
  }

  @Test
  void theFirstFewBadRecordsAreToldOf() throws IOException {
    Path file = file("bad.jsonl", "oh\n".repeat(25) + "{\"text\": \"good\"}\n");
    try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
      assertThat(reader.readAll()).hasSize(1);
      assertThat(reader.skipped().skipped()).isEqualTo(25);
      assertThat(reader.skipped().first()).hasSize(10).first().asString().startsWith(file + ":1: no JSON: ");
      assertThat(reader.skipped().toString().lines()).hasSize(12).last().isEqualTo("  …");
    }
  }

  @Test
  void linesMayEndInCarriageReturnsAndBeginWithAByteOrderMark() throws IOException {
    assertThat(records(file("a.jsonl", "\ufeff{\"text\": \"a\"}\r\n\r\n{\"text\": \"b\"}")))
        .containsExactly(new Document("a"), new Document("b"));
    assertThat(records(file("a.json", "\ufeff[{\"text\": \"a\"}]"))).containsExactly(new Document("a"));
    assertThat(records(file("a.csv", "\ufefftext\r\na\r\n\"b\r\nc\"\r\n")))
        .containsExactly(new Document("a"), new Document("b\r\nc"));
    assertThat(records(file("a.txt", "\ufeffa"))).containsExactly(new Document("a"));
  }

  @Test
  void depthIsLimited() throws IOException {
    Path file = file("deep.jsonl", "{\"text\": " + "[".repeat(100_000) + "\n");
    assertThatThrownBy(() -> records(file)).isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(file + ":1: no JSON: Document nesting depth");
  }

  @Test
  void aVeryLongLineIsOneBadRecordAndIsNotKept() throws IOException {
    Path file = file("long.jsonl", "{\"text\": \"" + "a".repeat(300_000) + "\"}\n{\"text\": \"b\"}");
    try (RecordReader reader = RecordReader.open(file, new ReadOptions(true, 1000))) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record).containsExactly(new Document("b"));
      assertThat(reader.skipped().first()).containsExactly(
          file + ":1: the line has 300012 bytes; a record may have up to 1000; mend or remove the record");
    }
  }

  @Test
  void bytesThatAreNotUtf8AreNamed() throws IOException {
    byte[] bytes = "{\"text\": \"a\"}\n{\"text\": \"?\"}\n{\"text\": \"b\"}\n".getBytes(StandardCharsets.UTF_8);
    bytes[24] = (byte) 0xC3;
    Path file = Files.write(folder.resolve("bytes.jsonl"), bytes);
    assertThatThrownBy(() -> records(file)).isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(file + ":2: byte 11 of the line is not UTF-8; ");
    try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
      assertThat(reader.readAll()).hasSize(2);
    }
    Path utf16 = Files.write(folder.resolve("utf16.jsonl"), "{\"text\": \"a\"}".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> records(utf16)).hasMessage(utf16 + ":1: this is UTF-16; convert the file to UTF-8");
  }

  @Test
  void aListIsReadElementByElement() throws IOException {
    Path file = file("list.json", """
        [
          {"instruction": "a", "output": "b"},
          {"instruction": "c"},
          7,
          {"text": "d"}
        ]
        """);
    try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record)
          .containsExactly(new Instruction("a", "", "b"), new Document("d"));
      assertThat(reader.skipped().first()).hasSize(2).first().asString().startsWith(file + ":3: an instruction without");
    }
    assertThat(records(file("empty.json", " [ ] "))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "[{\"text\": \"a\"}, | 1 | no JSON: Unexpected end-of-input",
      "[{\"text\": \"a\"} {} ] | 1 | no JSON: Unexpected character",
      "[{\"text\": \"a\"}] [] | 1 | something follows the list",
      "[{\"text\": \"a\", \"text\": \"b\"}] | 1 | no JSON: Duplicate field 'text'",
      "[{\"text\": \"01234567890123456789012345678901\"}] | 1 | no JSON: String value length (32) exceeds",
  })
  void aListThatCannotBeReadOnEndsTheReading(String json, int line, String message) throws IOException {
    Path file = file("list.json", json);
    assertThatThrownBy(() -> {
      try (RecordReader reader = RecordReader.open(file, new ReadOptions(true, 31))) {
        reader.readAll();
      }
    }).isInstanceOf(BadRecordException.class).hasMessageStartingWith(file + ":" + line + ": " + message);
  }

  @Test
  void aRecordOfAListIsBounded() throws IOException {
    Path file = file("list.json", "[{\"text\": \"a\", \"numbers\": [" + "1, ".repeat(50_000) + "1]}]");
    assertThatThrownBy(() -> {
      try (RecordReader reader = RecordReader.open(file, new ReadOptions(true, 10_000))) {
        reader.readAll();
      }
    }).hasMessageStartingWith(file + ":1: the record has more than 10000 characters; mend the file");
  }

  @Test
  void foldersAreReadInTheOrderOfTheirNames() throws IOException {
    file("in/b.txt", "second");
    file("in/a/z.md", "first");
    file("in/c.jsonl", "{\"text\": \"third\"}");
    file("in/.hidden.txt", "no");
    file("in/.git/x.txt", "no");
    file("in/picture.png", "no");
    assertThat(records(folder.resolve("in")))
        .containsExactly(new Document("first"), new Document("second"), new Document("third"));
    try (RecordReader reader = RecordReader.open(folder.resolve("in"), ReadOptions.strict())) {
      assertThat(reader.files()).extracting(f -> f.getFileName().toString()).containsExactly("z.md", "b.txt", "c.jsonl");
    }
  }

  @Test
  void whatCannotBeReadIsRefused() throws IOException {
    Path none = folder.resolve("none.jsonl");
    assertThatThrownBy(() -> records(none)).hasMessageStartingWith(none + ": there is no such file or folder");
    Path picture = file("picture.png", "");
    assertThatThrownBy(() -> records(picture)).hasMessageStartingWith(picture + ": what this holds cannot be told");
  }

  @Test
  void aFolderWithinThatCannotBeReadIsNamed() throws IOException {
    Path closed = Files.createDirectories(folder.resolve("closed/within"));
    assumeTrue(closed.toFile().setReadable(false) && !Files.isReadable(closed), "this user may read every folder");
    assertThatThrownBy(() -> records(closed.getParent())).isInstanceOf(IOException.class).hasMessageContaining("within");
    assertThat(closed.toFile().setReadable(true)).isTrue();
  }

  @Test
  void aFolderWithoutTrainingDataIsRefused() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> records(empty)).hasMessageStartingWith(empty + ": no training data in this folder");
  }
}
