package io.garut.transformer.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a JSON file that knows where it stands, so that every complaint names the place. */
final class JsonValue {
  private final String source;
  private final String place;
  private final Object value;

  private JsonValue(String source, String place, Object value) {
    this.source = source;
    this.place = place;
    this.value = value;
  }

  /** Reads the value at which the parser stands. Depth is limited by the parser. */
  static JsonValue read(JsonParser parser, String source, String place) throws IOException {
    return new JsonValue(source, place, readAny(parser, source, place));
  }

  private static Object readAny(JsonParser parser, String source, String place) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          if (members.put(name, read(parser, source, place + "." + name)) != null) {
            throw new TokenizerException(source, place + "." + name, "the key is there twice");
          }
        }
        yield members;
      }
      case START_ARRAY -> {
        List<JsonValue> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser, source, place + "[" + elements.size() + "]"));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** A complaint about this value. */
  TokenizerException error(String problem) {
    return new TokenizerException(source, place, problem);
  }

  boolean isNull() {
    return value == null;
  }

  boolean isText() {
    return value instanceof String;
  }

  /** The member with this name; null, as a value, if there is none. */
  JsonValue get(String name) throws TokenizerException {
    JsonValue member = members().get(name);
    return member != null ? member : new JsonValue(source, place + "." + name, null);
  }

  /** The names of an object's members. */
  List<String> names() throws TokenizerException {
    return List.copyOf(members().keySet());
  }

  @SuppressWarnings("unchecked")
  private Map<String, JsonValue> members() throws TokenizerException {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, JsonValue>) map;
    }
    throw expected("an object");
  }

  @SuppressWarnings("unchecked")
  List<JsonValue> list() throws TokenizerException {
    if (value instanceof List<?> list) {
      return (List<JsonValue>) list;
    }
    throw expected("a list");
  }

  String text() throws TokenizerException {
    if (value instanceof String text) {
      return text;
    }
    throw expected("text");
  }

  /** The text in quotes, for a message. */
  String quoted() throws TokenizerException {
    return TokenizerException.quoted(text());
  }

  boolean flag() throws TokenizerException {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw expected("true or false");
  }

  boolean flag(boolean absent) throws TokenizerException {
    return isNull() ? absent : flag();
  }

  double number() throws TokenizerException {
    if (value instanceof Double number) {
      return number;
    }
    throw expected("a number");
  }

  int integer() throws TokenizerException {
    double number = number();
    if (number != (int) number) {
      throw expected("a whole number below 2^31");
    }
    return (int) number;
  }

  private TokenizerException expected(String what) {
    String found = switch (value) {
      case null -> "nothing";
      case String text -> "text";
      case Boolean flag -> flag.toString();
      case Double number -> number.toString();
      case List<?> list -> "a list";
      default -> "an object";
    };
    return error("expected " + what + ", found " + found);
  }
}
