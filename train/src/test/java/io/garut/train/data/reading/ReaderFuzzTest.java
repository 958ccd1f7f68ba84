package io.garut.train.data.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.train.data.LocatedRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files end in records or in errors that name file and line, never otherwise, and never without end. */
class ReaderFuzzTest {
  private static final String LINES = """
      {"instruction": "Why?", "context": "", "response": "So.", "category": "open_qa"}
      {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"}]}
      {"prompt": "a", "completion": "b"}
      {"text": "Once\\nupon é \\ud83d\\udc11"}
      """;
  private static final String LIST = """
      [{"instruction": "Why?", "input": "", "output": "So."}, {"text": "Once\\nupon é \\ud83d\\udc11"},
       {"prompt": "a", "completion": "b"}]
      """;
  private static final String TABLE = """
      prompt,completion,id
      a,"b ""c""
      d",1
      e,f,2
      "g",h é,3
      """;
  private static final String TEXT = "One ewe.<|endoftext|>\nTwo ewes, é and some more.\n<|endoftext|>Three.";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "json", "csv", "txt"})
  void damagedFilesEndInRecordsOrErrors(String ending) throws IOException {
    fuzz(ending, 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "json", "csv", "txt"})
  @Tag("slow")
  void manyDamagedFilesEndInRecordsOrErrors(String ending) throws IOException {
    fuzz(ending, 100_000);
  }

  private void fuzz(String ending, int cases) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20230412);
    Path file = folder.resolve("a." + ending);
    byte[] original = (switch (ending) {
      case "jsonl" -> LINES;
      case "json" -> LIST;
      case "csv" -> TABLE;
      default -> TEXT;
    }).getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int i = 0; i < cases; i++) {
      Files.write(file, damaged(original, random));
      boolean skip = random.nextBoolean();
      try (RecordReader reader = RecordReader.open(file, new ReadOptions(skip, 16 + random.nextInt(200)))) {
        int records = 0;
        for (Optional<LocatedRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
          assertThat(record.get().source().line()).isBetween(1L, 30L);
          read += records == 0 ? 1 : 0;
          assertThat(++records).as("records of a small file").isLessThan(100);
        }
        assertThat(reader.skipped().skipped()).as("skipped of a small file").isLessThan(200);
      } catch (BadRecordException e) {
        assertThat(e).hasMessageMatching("(?s)\\Q" + file + "\\E:[1-9][0-9]*: [^\\n]+; [^\\n]+");
        assertThat(skip && e.canGoOn()).as("a bad record that was to be skipped").isFalse();
      }
    }
    assertThat(read).as("files that still had records").isGreaterThan(cases / 20);
  }

  private static byte[] damaged(byte[] original, RandomGenerator random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(4);
    for (int k = 0; k < changes; k++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) "{}[]\",:0-9eE\\ntu \r\n\0".charAt(random.nextInt(20));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
        default -> System.arraycopy(
            original, random.nextInt(original.length - 8), bytes, Math.min(at, Math.max(0, bytes.length - 8)),
            Math.min(8, bytes.length));
      }
    }
    return bytes;
  }
}
