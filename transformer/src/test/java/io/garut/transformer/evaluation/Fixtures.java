package io.garut.transformer.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Records of every task, and what {@code src/test/python/evaluation_fixtures.py} makes of them. */
final class Fixtures {
  private Fixtures() {}

  static Path file(String name) {
    try {
      return Path.of(Fixtures.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path file(Task task) {
    return file(task.id() + ".jsonl");
  }

  static JsonNode expected(Task task) throws IOException {
    return new ObjectMapper().readTree(file("expected.json").toFile()).get(task.id());
  }
}
