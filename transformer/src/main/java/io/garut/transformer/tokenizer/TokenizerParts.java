package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.Definition.Special;
import io.garut.transformer.tokenizer.Definition.Template;
import io.garut.transformer.tokenizer.Definition.Unknown;
import io.garut.transformer.tokenizer.bpe.ByteAlphabet;
import io.garut.transformer.tokenizer.bpe.Normalization;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The parts of a tokenizer.json other than its tables. A part that would change the ids or the text and is not known
 * here is refused by name; truncation and padding concern callers and are passed over, as Transformers does.
 */
final class TokenizerParts {
  /** An added token, the id that the file gives it and where it stands. */
  record Numbered(AddedToken token, int id, JsonValue place) {}

  /** More steps than this are nothing that a tokenizer needs, and each is work on the whole text. */
  private static final int MOST_STEPS = 64;

  private final String source;
  private final Map<String, JsonValue> parts;
  private final Map<String, JsonValue> model;
  private int normalizers;

  TokenizerParts(String source, Map<String, JsonValue> parts, Map<String, JsonValue> model) {
    this.source = source;
    this.parts = parts;
    this.model = model;
  }

  /** Refuses what byte-level BPE does not do. */
  void checkModel(Map<String, Integer> vocabulary) throws TokenizerException {
    if (has(model, "dropout") && model.get("dropout").number() != 0) {
      throw model.get("dropout").error("encoding at random is not supported; set it to null");
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (has(model, affix) && !model.get(affix).text().isEmpty()) {
        throw model.get(affix).error("not supported; a byte-level vocabulary has none");
      }
    }
    if (has(model, "byte_fallback") && model.get("byte_fallback").flag()) {
      for (int b = 0; b < 256; b++) {
        if (!vocabulary.containsKey(String.valueOf(ByteAlphabet.character(b)))) {
          throw model.get("byte_fallback").error("not supported where the vocabulary lacks a byte, here " + b);
        }
      }
    }
  }

  Unknown unknown() throws TokenizerException {
    return has(model, "unk_token")
        ? new Unknown(model.get("unk_token").text(), flag("fuse_unk"))
        : Unknown.LEFT_OUT;
  }

  boolean ignoreMerges() throws TokenizerException {
    return flag("ignore_merges");
  }

  private boolean flag(String name) throws TokenizerException {
    return has(model, name) && model.get(name).flag();
  }

  private static boolean has(Map<String, JsonValue> values, String name) {
    return values.containsKey(name) && !values.get(name).isNull();
  }

  List<Numbered> addedTokens() throws TokenizerException {
    List<Numbered> tokens = new ArrayList<>();
    if (!has(parts, "added_tokens")) {
      return tokens;
    }
    for (JsonValue entry : parts.get("added_tokens").list()) {
      String content = entry.get("content").text();
      if (!content.isEmpty()) {
        AddedToken token = new AddedToken(
            content,
            entry.get("single_word").flag(),
            entry.get("lstrip").flag(),
            entry.get("rstrip").flag(),
            entry.get("normalized").flag(),
            entry.get("special").flag());
        tokens.add(new Numbered(token, entry.get("id").integer(), entry.get("id")));
      }
    }
    return tokens;
  }

  Normalization normalization() throws TokenizerException {
    return has(parts, "normalizer")
        ? normalization(parts.get("normalizer"))
        : new Normalization.Sequence(List.of());
  }

  private Normalization normalization(JsonValue value) throws TokenizerException {
    if (++normalizers > MOST_STEPS) {
      throw value.error("more than " + MOST_STEPS + " normalizers are not supported");
    }
    String type = value.get("type").text();
    return switch (type) {
      case "NFC", "NFD", "NFKC", "NFKD" -> new Normalization.Unicode(Form.valueOf(type));
      case "Lowercase" -> new Normalization.Lowercase();
      case "Prepend" -> new Normalization.Prepend(value.get("prepend").text());
      case "Replace" -> new Normalization.Replace(literal(value.get("pattern")), value.get("content").text());
      case "Sequence" -> {
        List<Normalization> steps = new ArrayList<>();
        for (JsonValue step : value.get("normalizers").list()) {
          steps.add(normalization(step));
        }
        yield new Normalization.Sequence(steps);
      }
      default -> throw value.get("type")
          .error(value.get("type").quoted()
              + " is not supported; NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace and Sequence are");
    };
  }

  private static String literal(JsonValue pattern) throws TokenizerException {
    if (pattern.get("String").isNull()) {
      throw pattern.error("only a pattern of the kind {\"String\": …} is supported");
    }
    String literal = pattern.get("String").text();
    if (literal.isEmpty()) {
      throw pattern.error("the text to replace is empty");
    }
    return literal;
  }

  PreTokenizer preTokenizer() throws TokenizerException {
    if (!has(parts, "pre_tokenizer")) {
      throw new TokenizerException(source, "pre_tokenizer", "there is none; byte-level BPE needs a ByteLevel one");
    }
    JsonValue value = parts.get("pre_tokenizer");
    List<JsonValue> steps = "Sequence".equals(value.get("type").text())
        ? value.get("pretokenizers").list()
        : List.of(value);
    if (steps.size() > MOST_STEPS) {
      throw value.error("more than " + MOST_STEPS + " steps are not supported");
    }
    List<PreTokenizer> cuts = new ArrayList<>();
    for (JsonValue step : steps) {
      cuts.add(preTokenizer(step));
    }
    // What follows a ByteLevel step would see its alphabet instead of the text.
    Predicate<PreTokenizer> byteLevel = PreTokenizer.ByteLevel.class::isInstance;
    if (cuts.stream().filter(byteLevel).count() != 1 || !byteLevel.test(cuts.getLast())) {
      throw value.error("expected one ByteLevel step, the last");
    }
    return cuts.size() == 1 ? cuts.getFirst() : new PreTokenizer.Sequence(cuts);
  }

  private static PreTokenizer preTokenizer(JsonValue value) throws TokenizerException {
    String type = value.get("type").text();
    return switch (type) {
      case "ByteLevel" ->
        new PreTokenizer.ByteLevel(value.get("add_prefix_space").flag(), value.get("use_regex").flag(true));
      case "Digits" -> new PreTokenizer.Digits(value.get("individual_digits").flag());
      default -> throw value.get("type")
          .error(value.get("type").quoted() + " is not supported; ByteLevel, Digits and a Sequence of them are");
    };
  }

  /** The decoder must be ByteLevel; a sequence of it alone or with Fuse behind it does the same. */
  void checkDecoder() throws TokenizerException {
    if (!has(parts, "decoder")) {
      throw new TokenizerException(source, "decoder", "there is none; without a ByteLevel one no text comes back");
    }
    JsonValue value = parts.get("decoder");
    List<JsonValue> steps = "Sequence".equals(value.get("type").text())
        ? value.get("decoders").list()
        : List.of(value);
    for (int i = 0; i < steps.size(); i++) {
      JsonValue type = steps.get(i).get("type");
      if (!type.text().equals(i == 0 ? "ByteLevel" : "Fuse")) {
        throw type.error(type.quoted() + " is not supported; ByteLevel is");
      }
    }
    if (steps.isEmpty()) {
      throw value.error("expected a ByteLevel decoder");
    }
  }

  Template template() throws TokenizerException {
    return has(parts, "post_processor") ? template(parts.get("post_processor")) : Template.NONE;
  }

  private static Template template(JsonValue value) throws TokenizerException {
    String type = value.get("type").text();
    return switch (type) {
      case "ByteLevel" -> Template.NONE; // it moves offsets, never ids
      case "TemplateProcessing" -> single(value);
      case "Sequence" -> {
        Template found = Template.NONE;
        for (JsonValue step : value.get("processors").list()) {
          Template next = template(step);
          if (!found.equals(Template.NONE) && !next.equals(Template.NONE)) {
            throw step.error("a second template is not supported");
          }
          found = next.equals(Template.NONE) ? found : next;
        }
        yield found;
      }
      default -> throw value.get("type")
          .error(value.get("type").quoted()
              + " is not supported; ByteLevel, TemplateProcessing and a Sequence of them are");
    };
  }

  private static Template single(JsonValue value) throws TokenizerException {
    List<Special> before = new ArrayList<>();
    List<Special> after = new ArrayList<>();
    boolean seen = false;
    for (JsonValue piece : value.get("single").list()) {
      if (!piece.get("SpecialToken").isNull()) {
        String name = piece.get("SpecialToken").get("id").text();
        List<Integer> ids = new ArrayList<>();
        for (JsonValue id : value.get("special_tokens").get(name).get("ids").list()) {
          ids.add(id.integer());
        }
        (seen ? after : before).add(new Special(name, ids));
      } else if (!seen && "A".equals(piece.get("Sequence").get("id").text())) {
        seen = true;
      } else {
        throw piece.error("expected special tokens and the sequence A once");
      }
    }
    if (!seen) {
      throw value.get("single").error("the sequence A is missing");
    }
    return new Template(before, after);
  }
}
