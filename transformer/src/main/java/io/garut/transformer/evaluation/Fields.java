package io.garut.transformer.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A record's fields; what is not as its task has it is an error that names the place. */
record Fields(Place place, JsonNode json, Task task) {
  private JsonNode field(String key) throws RecordException {
    JsonNode node = json.path(key);
    if (node.isMissingNode() || node.isNull()) {
      throw wrong("has no '" + key + "'");
    }
    return node;
  }

  String text(String key) throws RecordException {
    return text(field(key), key);
  }

  private String text(JsonNode node, String key) throws RecordException {
    if (!node.isTextual()) {
      throw wrong("'" + key + "' is not a text");
    }
    return node.textValue();
  }

  List<String> texts(String key) throws RecordException {
    JsonNode array = field(key);
    if (!array.isArray()) {
      throw wrong("'" + key + "' is not a list of texts");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array) {
      texts.add(text(element, key));
    }
    return texts;
  }

  Fields object(String key) throws RecordException {
    JsonNode node = field(key);
    if (!node.isObject()) {
      throw wrong("'" + key + "' is not an object");
    }
    return new Fields(place, node, task);
  }

  /** A whole number, or a text of one: the hub has both. */
  int whole(String key) throws RecordException {
    JsonNode node = field(key);
    try {
      return node.isTextual() ? Integer.parseInt(node.textValue()) : Math.toIntExact(exact(node));
    } catch (ArithmeticException | NumberFormatException e) {
      String hint = node.isTextual() && node.textValue().isEmpty() ? " (a test split without answers?)" : "";
      throw new RecordException(place, "'" + key + "' is " + node + ", not a whole number" + hint, remedy(), e);
    }
  }

  private static long exact(JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw new ArithmeticException("not whole");
    }
    return node.longValue();
  }

  RecordException wrong(String what) {
    return new RecordException(place, what, remedy());
  }

  private String remedy() {
    return "a record of " + task.id() + " holds " + task.schema();
  }
}
