package io.garut.tensor.io.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.garut.tensor.io.CheckpointException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * JSON that is not trusted, read token by token: UTF-8 only, one value, no key twice, nesting and numbers limited. What
 * is wrong is a {@link CheckpointException} with the place.
 */
public final class Json implements AutoCloseable {
  private static final String DAMAGED = "the file is damaged or not what it claims to be: get it again";

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names are as many and as long as the file wants: keep them out of tables that outlive the parser.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(64).maxNumberLength(64).maxNameLength(65_536).build())
          .build();

  private final Path path;
  private final String place;
  private final JsonParser parser;

  private Json(Path path, String place, JsonParser parser) {
    this.path = path;
    this.place = place;
    this.parser = parser;
  }

  /** Whoever reads one JSON object. */
  @FunctionalInterface
  public interface Body {
    /** Called after each key; must read its value to the end. */
    void field(String key) throws CheckpointException;
  }

  /**
   * Over the text in {@code bytes}.
   *
   * @param place what the text is, for messages
   * @throws CheckpointException if it is not UTF-8
   */
  public static Json of(Path path, String place, byte[] bytes) throws CheckpointException {
    try {
      return new Json(path, place, FACTORY.createParser(Utf8.decode(bytes, 0, bytes.length)));
    } catch (CharacterCodingException e) {
      throw new CheckpointException(path, place, "is not valid UTF-8", DAMAGED, e);
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }

  /** An exception about {@code what} at the current place. */
  public CheckpointException bad(String what) {
    return new CheckpointException(
        path, place + ", character " + parser.currentTokenLocation().getCharOffset(), what, DAMAGED);
  }

  /** Moves to the next token. */
  public JsonToken next() throws CheckpointException {
    try {
      return parser.nextToken();
    } catch (JsonProcessingException e) {
      long at = parser.currentLocation().getCharOffset();
      String what = e.getOriginalMessage().lines().findFirst().orElse("is not JSON");
      throw new CheckpointException(path, place + ", character " + at, clip(what), DAMAGED, e);
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }

  /** Reads the rest of an object whose opening brace is the current token. */
  public void fields(Body body) throws CheckpointException {
    for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
      if (token != JsonToken.FIELD_NAME) {
        throw bad("ends in the middle of an object");
      }
      body.field(name());
    }
  }

  /** Reads a whole object, the next value. {@code what} it describes is for the message. */
  public void object(String what, Body body) throws CheckpointException {
    if (next() != JsonToken.START_OBJECT) {
      throw bad(what + " is not an object");
    }
    fields(body);
  }

  /** Reads the next value, a string. */
  public String string(String what) throws CheckpointException {
    if (next() != JsonToken.VALUE_STRING) {
      throw bad(what + " is not a string");
    }
    return text();
  }

  /** The text of the current token, a string or a number. */
  public String text() throws CheckpointException {
    try {
      return parser.getText();
    } catch (JsonProcessingException e) {
      throw bad(clip(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }

  /** Reads the next value, an array of at most {@code most} whole numbers from 0 to 2⁶³−1. */
  public long[] sizes(String what, int most) throws CheckpointException {
    if (next() != JsonToken.START_ARRAY) {
      throw bad(what + " is not an array");
    }
    long[] sizes = new long[most];
    int count = 0;
    while (next() != JsonToken.END_ARRAY) {
      if (count == most) {
        throw bad(what + " has more than " + most + " numbers");
      }
      sizes[count++] = size(what);
    }
    return Arrays.copyOf(sizes, count);
  }

  private long size(String what) throws CheckpointException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw bad(what + " holds something that is not a whole number");
    }
    try {
      long value = parser.getLongValue();
      if (value < 0) {
        throw bad(what + " holds a negative number");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw bad(what + " holds a number past 2^63-1");
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }

  /** Reads past the next value, whatever it is. */
  public void skip() throws CheckpointException {
    next();
    skipRest();
  }

  /** Reads past the rest of the value that the current token begins. */
  public void skipRest() throws CheckpointException {
    int depth = 0;
    for (JsonToken token = parser.currentToken(); ; token = next()) {
      if (token == null) {
        throw bad("ends in the middle of a value");
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (depth <= 0) {
        return;
      }
    }
  }

  /** Checks that nothing follows but white space. */
  public void end() throws CheckpointException {
    if (next() != null) {
      throw bad("goes on after its end");
    }
  }

  private String name() throws CheckpointException {
    try {
      return parser.currentName();
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }

  private static String clip(String message) {
    String quoted = CheckpointException.quote(message);
    return quoted.substring(1, quoted.length() - 1);
  }

  @Override
  public void close() throws CheckpointException {
    try {
      parser.close();
    } catch (IOException e) {
      throw new CheckpointException(path, place, FileBytes.describe(e), DAMAGED, e);
    }
  }
}
