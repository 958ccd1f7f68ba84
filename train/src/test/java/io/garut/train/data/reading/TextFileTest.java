package io.garut.train.data.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.train.data.LocatedRecord;
import io.garut.train.data.TrainingRecord.Document;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {
  @TempDir private Path folder;

  @Test
  void documentsAreSeparatedAndBlankOnesPassedOver() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), """


        One ewe.
        <|endoftext|>
        <|endoftext|><|endoftext|>Two
        ewes.<|endoftext|>
        """);
    List<LocatedRecord> records = RecordReader.readAll(file);
    assertThat(records).extracting(LocatedRecord::record)
        .containsExactly(new Document("\n\nOne ewe.\n"), new Document("Two\newes."));
    assertThat(records).extracting(r -> r.source().line()).containsExactly(3L, 5L);
    assertThat(RecordReader.readAll(Files.writeString(folder.resolve("b.txt"), ""))).isEmpty();
  }

  @Test
  void aLongDocumentComesInPiecesCutBetweenWords() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "The sheep  flock, and 12 lambs<|endoftext|>run");
    try (RecordReader reader = RecordReader.open(file, new ReadOptions(false, 16))) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record).containsExactly(
          new Document("The sheep  flock"), new Document(", and 12 lambs", true), new Document("run"));
    }
    try (RecordReader reader = RecordReader.open(file, new ReadOptions(false, 24))) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record).containsExactly(
          new Document("The sheep  flock, and 12"), new Document(" lambs", true), new Document("run"));
    }
  }

  @Test
  void damagedDocumentsAreNamedAndLeftOutWhole() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("good\n<|endoftext|>bad\nx".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xC3);
    String rest = " and its long, long end<|endoftext|>worse\0<|endoftext|>fine\n<|endoftext|>cut";
    bytes.write(rest.getBytes(StandardCharsets.UTF_8));
    bytes.write(0xE2);
    Path file = Files.write(folder.resolve("a.txt"), bytes.toByteArray());
    assertThatThrownBy(() -> RecordReader.readAll(file)).isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(file + ":3: this is not UTF-8; ");
    try (RecordReader reader = RecordReader.open(file, new ReadOptions(true, 16))) {
      assertThat(reader.readAll()).extracting(LocatedRecord::record)
          .containsExactly(new Document("good\n"), new Document("fine\n"));
      assertThat(reader.skipped().skipped()).isEqualTo(3);
      assertThat(reader.skipped().first().get(1)).startsWith(file + ":3: a NUL character: this is no text");
      assertThat(reader.skipped().first().get(2)).startsWith(file + ":4: this is not UTF-8");
    }
  }

  @Provide
  Arbitrary<List<String>> parts() {
    return Arbitraries.of("a", " ", "\n", "<|endoftext|>", "<|endof", "é", "🐑", "sheep lamb", ",", "\ufeff").list()
        .ofMaxSize(40);
  }

  /** Whatever the length of pieces, they make up the documents. */
  @Property(tries = 300, seed = "20230412")
  void piecesMakeUpTheDocuments(@ForAll("parts") List<String> parts, @ForAll @IntRange(min = 16, max = 40) int longest)
      throws IOException {
    String text = String.join("", parts);
    Path file = Files.createTempFile("pieces", ".txt");
    List<String> documents = new ArrayList<>();
    try {
      Files.writeString(file, text);
      try (RecordReader reader = RecordReader.open(file, new ReadOptions(false, longest))) {
        for (LocatedRecord record : reader.readAll()) {
          Document piece = (Document) record.record();
          assertThat(piece.text().length()).isLessThanOrEqualTo(longest);
          if (piece.continues()) {
            documents.add(documents.removeLast() + piece.text());
          } else {
            documents.add(piece.text());
          }
        }
      }
    } finally {
      Files.delete(file);
    }
    String wanted = text.startsWith("\ufeff") ? text.substring(1) : text;
    assertThat(documents.stream().filter(d -> !d.isBlank()))
        .isEqualTo(Stream.of(wanted.split("<\\|endoftext\\|>")).filter(d -> !d.isBlank()).toList());
  }
}
