package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("lines.jsonl");
  }

  private void write(int steps) throws IOException {
    try (JsonLines lines = JsonLines.open(file())) {
      for (int i = 1; i <= steps; i++) {
        lines.append(JsonLines.object().put("step", i).put("text", "ö\n" + "x".repeat(40_000 * (i % 3)))); // over a piece
      }
      lines.sync();
    }
  }

  private Optional<String> rewind(long step, List<JsonNode> kept) throws IOException {
    try (JsonLines lines = JsonLines.open(file())) {
      Optional<String> note = lines.rewind(step, kept::add);
      lines.append(JsonLines.object().put("step", step + 1));
      return note;
    }
  }

  @Test
  void laterLinesAreCutOff() throws IOException {
    write(9);
    List<String> before = Files.readAllLines(file());
    List<JsonNode> kept = new ArrayList<>();
    assertThat(rewind(5, kept)).isEmpty();
    assertThat(kept).extracting(JsonNode::toString).containsExactlyElementsOf(before.subList(0, 5));
    assertThat(Files.readAllLines(file())).hasSize(6).startsWith(before.get(0)).endsWith("{\"step\":6}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"step\":4,\"lo", "{\"step\":4}", "{", "\0\0\0"})
  void aTornLineIsCutOff(String torn) throws IOException {
    write(3);
    Files.writeString(file(), torn, StandardOpenOption.APPEND);
    List<JsonNode> kept = new ArrayList<>();
    assertThat(rewind(7, kept)).isEmpty();
    assertThat(kept).hasSize(3);
    assertThat(Files.readAllLines(file())).hasSize(4).endsWith("{\"step\":8}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no JSON", "{\"step\":\"2\"}", "[2]", "", "{\"step\":2} 3"})
  void aDamagedLineInTheMiddleIsTold(String damaged) throws IOException {
    write(2);
    String text = Files.readString(file());
    Files.writeString(file(), text + damaged + "\n" + text, StandardCharsets.UTF_8);
    List<JsonNode> kept = new ArrayList<>();
    assertThat(rewind(7, kept)).contains("lines.jsonl is damaged in line 3; its lines from there on were cut off");
    assertThat(kept).hasSize(2);
    assertThat(Files.readAllLines(file())).hasSize(3);
  }

  @Test
  void anEmptyFileStaysEmpty() throws IOException {
    List<JsonNode> kept = new ArrayList<>();
    assertThat(rewind(0, kept)).isEmpty();
    assertThat(kept).isEmpty();
    assertThat(file()).hasContent("{\"step\":1}");
  }
}
