package io.garut.train.data.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.regex.Pattern;

/** How JSON is read here: a key that is there twice is an error, and so is deep nesting. */
final class Json {
  private static final int DEEPEST = 64;

  /** Where the parser's messages say where what is not closed was opened: in the parser's words, without a file. */
  private static final Pattern OPENED = Pattern.compile(" ?\\(start marker at \\[Source: .*]\\)");

  /** Only builds trees; a parser brings its own limits. One for all, for it is slow to make. */
  private static final ObjectMapper TREES = new JsonMapper();

  private Json() {}

  /** Makes parsers for records of up to {@code longest} characters. */
  static JsonFactory factory(int longest) {
    StreamReadConstraints limits =
        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxStringLength(longest).build();
    return JsonFactory.builder()
        .streamReadConstraints(limits)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build();
  }

  /** The value that comes next. */
  static JsonNode next(JsonParser parser) throws IOException {
    return TREES.readTree(parser);
  }

  /** What is wrong with a text that is no JSON, in one line. */
  static String problem(JsonProcessingException e) {
    String message = OPENED.matcher(e.getOriginalMessage().lines().findFirst().orElse("damaged")).replaceAll("");
    return "no JSON: " + (message.length() > 200 ? message.substring(0, 200) + "…" : message)
        + (e.getLocation() == null ? "" : ", at column " + e.getLocation().getColumnNr());
  }
}
