package io.garut.train.data.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingRecord.Document;
import io.garut.train.data.TrainingRecord.Instruction;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvFileTest {
  @TempDir private Path folder;

  private static List<LocatedRecord> read(Path file, String text) throws IOException {
    return RecordReader.readAll(Files.writeString(file, text));
  }

  @Test
  void recordsMayHaveQuotesAndLineEndsAndAreNamedByTheirFirstLine() throws IOException {
    List<LocatedRecord> records = read(folder.resolve("a.csv"), """
        instruction,input,output,
        "Who, and ""why""?","a
        b",So.,1

        What?,,"That.
        This.",2
        Where?,,There.,3
        """);
    assertThat(records).extracting(LocatedRecord::record).containsExactly(
        new Instruction("Who, and \"why\"?", "a\nb", "So."),
        new Instruction("What?", "", "That.\nThis."),
        new Instruction("Where?", "", "There."));
    assertThat(records).extracting(r -> r.source().line()).containsExactly(2L, 5L, 7L);
    assertThat(read(folder.resolve("a.tsv"), "id\ttext\na\tb, c\n")).extracting(LocatedRecord::record)
        .containsExactly(new Document("b, c"));
  }

  @Test
  void emptyFilesHoldNothing() throws IOException {
    assertThat(read(folder.resolve("a.csv"), "")).isEmpty();
    assertThat(read(folder.resolve("b.csv"), "\n\r\n")).isEmpty();
    assertThat(read(folder.resolve("c.csv"), "text\r\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "a,b,c | 3: there are 3 fields, the header names 2",
      "a | 3: there are 1 fields, the header names 2",
      ",b | ",
      "\"a\"x,b | 3: field 1 goes on after its closing quote",
      "a,\"b\" | ",
      "a,\"\" | 3: the completion is empty",
      "\"a§\"x,b | 3: field 1 goes on after its closing quote",
  })
  void badRecordsAreNamedAndPassedOver(String line, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), "prompt,completion\np,q\n" + line.replace("§", "\n") + "\nr,s\n");
    boolean good = message == null;
    try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
      assertThat(reader.readAll()).hasSize(good ? 3 : 2);
      assertThat(reader.skipped().skipped()).isEqualTo(good ? 0 : 1);
    }
    if (!good) {
      assertThatThrownBy(() -> RecordReader.readAll(file)).hasMessageStartingWith(file + ":" + message);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "question,answer | 1: the header \"question,answer\" names no record's fields; name instruction and response (Dolly)",
      "instruction | 1: the header \"instruction\" names no record's fields",
      "text,text | 1: the header names \"text\" twice; rename one of them",
      "messages | 1: messages are a list, which CSV does not have; use JSON Lines for them",
      "\"text\"x | 1: the header cannot be read: ",
      "text§a§\"b§c | 3: a quote is opened and not closed within 3 characters; close it",
  })
  void whatCannotBeReadOnEndsTheReading(String text, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), text.replace("§", "\n") + "\n");
    assertThatThrownBy(() -> {
      try (RecordReader reader = RecordReader.open(file, ReadOptions.skippingBad())) {
        reader.readAll();
      }
    }).isInstanceOf(BadRecordException.class).hasMessageStartingWith(file + ":" + message);
  }

  @Test
  void anOpenQuoteDoesNotSwallowALongFile() throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), "text\n\"b" + "line\n".repeat(10_000));
    assertThatThrownBy(() -> {
      try (RecordReader reader = RecordReader.open(file, new ReadOptions(true, 1000))) {
        reader.readAll();
      }
    }).hasMessageStartingWith(file + ":2: a quote is opened and not closed within 10");
  }

  @Provide
  Arbitrary<String> lines() {
    Arbitrary<String> parts = Arbitraries.of("a", "\"", ",", "\n", "\r\n", "\"a\"", " ", "\t", "é");
    return parts.list().ofMaxSize(14).map(l -> String.join("", l));
  }

  /** Apache Commons CSV reads the same fields, or refuses the text as well. */
  @Property(tries = 3000, seed = "20230412")
  void fieldsAreThoseOfCommonsCsv(@ForAll("lines") String text) {
    List<List<String>> wanted = new ArrayList<>();
    boolean refused = false;
    try (CSVParser parser = CSVFormat.DEFAULT.parse(new StringReader(text))) {
      parser.forEach(row -> wanted.add(row.toList()));
    } catch (IOException | UncheckedIOException | IllegalStateException _) { // its ways to say that a quote is wrong
      refused = true;
    }
    List<List<String>> got = new ArrayList<>();
    boolean bad = false;
    CsvRecord record = new CsvRecord(',');
    String[] parts = text.split("(?<=\n)");
    boolean open = false;
    try {
      for (String part : parts) {
        String line = part.replaceAll("\r?\n$", "");
        if (!open && line.isEmpty()) {
          continue;
        }
        if (!open) {
          record.clear();
        }
        open = !record.add(line, new Source(Path.of("a"), 1));
        if (open) {
          record.lineEnd(part.substring(line.length()));
        } else {
          got.add(List.copyOf(record.values()));
        }
      }
    } catch (BadRecordException _) { // compared below
      bad = true;
    }
    assertThat(bad || open).isEqualTo(refused);
    assertThat(got).isEqualTo(wanted);
  }

  @Test
  void aTextColumnIsADocument() throws IOException {
    assertThat(read(folder.resolve("a.csv"), "id,text\n1,\" a\"\n")).extracting(LocatedRecord::record)
        .containsExactly(new Document(" a"));
  }
}
