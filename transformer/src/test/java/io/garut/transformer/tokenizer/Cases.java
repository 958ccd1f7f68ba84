package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;

/** What the tests of this package share: fixtures, the conformance folder, comparing a tokenizer with cases. */
final class Cases {
  private Cases() {}

  /** The text of a resource beside this class. */
  static String resource(String name) {
    try (InputStream in = Cases.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tokenizer of a fixture. */
  static ByteLevelBpe fixture(String name) throws TokenizerException {
    return ByteLevelBpe.parse(resource(name + ".json"), name + ".json");
  }

  /** A path below the conformance folder; the test is skipped without one. */
  static Path conformance(String path) {
    String folder = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(folder != null, "GARUT_CONFORMANCE names no folder: " + path + " is not compared");
    Path found = Path.of(folder).resolve(path);
    Assumptions.assumeTrue(Files.exists(found), found + " is not there");
    return found;
  }

  static JsonNode read(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] ids(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** Every case must give the same ids, the same text and the same text piece by piece. */
  static void agree(Tokenizer tokenizer, JsonNode cases) {
    assertThat(cases).isNotEmpty();
    for (JsonNode expected : cases) {
      String text = expected.get("text").asText();
      int[] ids = ids(expected.get("ids"));
      String decoded = expected.get("decoded").asText();
      assertThat(tokenizer.encode(text)).as("ids of \"%s\"", text).isEqualTo(ids);
      assertThat(tokenizer.decode(ids)).as("text of the ids of \"%s\"", text).isEqualTo(decoded);
      assertThat(stream(tokenizer, ids, false)).as("stream of the ids of \"%s\"", text).isEqualTo(decoded);
      if (expected.has("plain")) {
        assertThat(tokenizer.encode(text, false)).as(text).isEqualTo(ids(expected.get("plain")));
        assertThat(tokenizer.decode(ids, true)).as(text).isEqualTo(expected.get("skipped").asText());
        assertThat(stream(tokenizer, ids, true)).as(text).isEqualTo(expected.get("skipped").asText());
      }
    }
  }

  /** The text of these ids, decoded one by one. */
  static String stream(Tokenizer tokenizer, int[] ids, boolean skipSpecialTokens) {
    TokenDecoder decoder = tokenizer.decoder(skipSpecialTokens);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.push(id));
    }
    return text.append(decoder.flush()).toString();
  }
}
