package io.garut.train.data.reading;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Message;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Tells a record's schema by its keys, and reads it. Keys that the schema does not know are passed over. */
final class Fields {
  /** What a message shows of the schemas there are. */
  static final String SCHEMAS =
      "instruction and response (Dolly), instruction and output (Alpaca), messages, prompt and completion, or text";

  private static final String INSTRUCTION = "instruction";
  private static final String RESPONSE = "response";
  private static final String OUTPUT = "output";
  private static final String MESSAGES = "messages";
  private static final String PROMPT = "prompt";
  private static final String COMPLETION = "completion";
  private static final String TEXT = "text";

  private final JsonNode object;
  private final Source source;

  private Fields(JsonNode object, Source source) {
    this.object = object;
    this.source = source;
  }

  /** The record that a JSON object holds. */
  static LocatedRecord read(JsonNode object, Source source) throws BadRecordException {
    Fields fields = new Fields(object, source);
    if (!object.isObject()) {
      throw fields.bad("a record is a JSON object, this is " + kind(object));
    }
    try {
      return new LocatedRecord(fields.record(), source);
    } catch (IllegalArgumentException e) { // the records check what they are made of, and know no place
      throw fields.bad(e.getMessage());
    }
  }

  /** Whether keys such as these can be a record's. */
  static boolean isSchema(Set<String> keys) {
    return keys.contains(MESSAGES)
        || keys.contains(INSTRUCTION) && (keys.contains(RESPONSE) || keys.contains(OUTPUT))
        || keys.contains(PROMPT) && keys.contains(COMPLETION)
        || keys.contains(TEXT);
  }

  private TrainingRecord record() throws BadRecordException {
    if (object.has(MESSAGES)) {
      return new TrainingRecord.Conversation(messages(object.get(MESSAGES)));
    }
    if (object.has(INSTRUCTION)) { // before text: Alpaca's records repeat themselves there
      return instruction();
    }
    if (object.has(PROMPT) || object.has(COMPLETION)) {
      return new TrainingRecord.Completion(required(PROMPT), required(COMPLETION));
    }
    if (object.has(TEXT)) {
      return new TrainingRecord.Document(required(TEXT));
    }
    throw bad("the keys " + keys() + " are no record's: it has " + SCHEMAS);
  }

  private TrainingRecord instruction() throws BadRecordException {
    if (object.has(RESPONSE) && object.has(OUTPUT)) {
      throw bad("there are both response (Dolly) and output (Alpaca)");
    }
    if (!object.has(RESPONSE) && !object.has(OUTPUT)) {
      throw bad("an instruction without response (Dolly) or output (Alpaca)");
    }
    boolean dolly = object.has(RESPONSE);
    return new TrainingRecord.Instruction(
        required(INSTRUCTION),
        optional(dolly ? "context" : "input"),
        required(dolly ? RESPONSE : OUTPUT),
        optional("category"));
  }

  private List<Message> messages(JsonNode list) throws BadRecordException {
    if (!list.isArray()) {
      throw bad("messages is " + kind(list) + ", expected a list");
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : list) {
      Fields fields = new Fields(message, source);
      String place = "message " + (messages.size() + 1) + ": ";
      if (!message.isObject()) {
        throw bad(place + "this is " + kind(message) + ", expected an object with role and content");
      }
      String id = fields.required("role");
      Message.Role role = Arrays.stream(Message.Role.values())
          .filter(known -> known.id().equals(id))
          .findFirst()
          .orElseThrow(() -> bad(
              place + "the role " + BadRecordException.quoted(id) + " is not known: system, user or assistant"));
      messages.add(new Message(role, fields.required("content")));
    }
    return messages;
  }

  private String required(String key) throws BadRecordException {
    JsonNode value = object.get(key);
    if (value == null || value.isNull()) {
      throw bad(key + " is missing");
    }
    return text(key, value);
  }

  private String optional(String key) throws BadRecordException {
    JsonNode value = object.get(key);
    return value == null || value.isNull() ? "" : text(key, value);
  }

  private String text(String key, JsonNode value) throws BadRecordException {
    if (!value.isTextual()) {
      throw bad(key + " is " + kind(value) + ", expected text");
    }
    String text = value.textValue();
    if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw bad(key + " holds half a surrogate pair, which is no text");
    }
    return text;
  }

  private String keys() {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return BadRecordException.quoted(String.join(", ", names));
  }

  private BadRecordException bad(String what) {
    return BadRecordException.record(source, what);
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case BOOLEAN -> "true or false";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      case STRING -> "text";
      case NULL -> "null";
      case BINARY, MISSING, POJO -> "nothing";
    };
  }
}
